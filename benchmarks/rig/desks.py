"""What the desks of a great membership have before them: calls, notes, looks, gifts and disputes.

Statements for `benchmarks.rig.people.fill`, so as many as there are members; what waits is newer
than what is done, as it is where people work their queues from the oldest on.
"""

from benchmarks.rig.people import NAME, NUMBER

ACCOUNTS = 300
LATE = "interval '20 seconds'"
_MEMBER = "md5('member' || n)::uuid"
_ACCOUNT = f"md5('account' || n % {ACCOUNTS})::uuid"
_TEXTER = "('+447700900' || lpad((n / 10)::text, 5, '0'))"  # one digit less than a member's
_EACH_ACCOUNT = f"FROM generate_series(0, {ACCOUNTS - 1}) AS n"


def _each(step: int, first: int = 1) -> str:
    return f"FROM generate_series({first}, CAST(:many AS int), {step}) AS n"


STATEMENTS = (
    f"""INSERT INTO staff_account (id, email, email_key, role, invited_at)
       SELECT {_ACCOUNT}, 'staff' || n || '@example.org', 'staff' || n || '@example.org',
         'organiser', :began {_EACH_ACCOUNT}""",
    f"""INSERT INTO staff_scope (account_id, branch_id)
       SELECT {_ACCOUNT}, n + 1 {_EACH_ACCOUNT}""",
    f"""INSERT INTO audit_entry (at, kind, account_id, subject_kind, subject_id, detail)
       SELECT :now - (CAST(:many AS int) - n) * interval '50 seconds'
         - (4 - part) * interval '10 seconds',
         (ARRAY['look', 'search', 'change', 'sign-in'])[1 + n % 4], {_ACCOUNT}, 'member',
         (md5('member' || n * 13 % 200000)::uuid)::text, ''
       {_each(1)}, generate_series(0, 4) AS part""",
    f"""INSERT INTO member_note (member_id, account_id, kind, text, at, nonce)
       SELECT {_MEMBER}, {_ACCOUNT}, 'note', 'Rang, and will ring again', :now
         - n % 700 * interval '1 day', gen_random_uuid() {_each(2)}""",
    f"""INSERT INTO member_transfer (member_id, account_id, from_region_id, from_branch_id,
         to_region_id, to_branch_id, at)
       SELECT {_MEMBER}, {_ACCOUNT}, n % 10 + 1, (n + 30) % 300 + 1, (n % 300) / 30 + 1,
         n % 300 + 1, :now - n / 50 % 600 * interval '1 day' {_each(50, 7)}""",
    f"""INSERT INTO likeness (newer_id, older_id, why, noticed_at, settled_at)
       SELECT {_MEMBER}, md5('member' || n + 1)::uuid, 'phone', :now - n % 600 * interval '1 day',
         CASE WHEN n % 7 > 0 THEN :now END {_each(1000)}""",
    f"""INSERT INTO inbound_text (id, gateway, message_id, sender, sender_hash, text, received_at,
         outcome, outcode, reply, forget_on)
       SELECT n, 'generic', 'text' || n, CASE WHEN n % 7 = 0 THEN {NUMBER} ELSE {_TEXTER} END,
         md5(n::text), 'Sam Jones E11 1AA', :now - n % 60000 * interval '1 minute', 'branch', 'E11',
         'Hello', CAST(:now AS date) + 40 {_each(10)}""",
    """INSERT INTO enquiry (inbound_text_id, branch_id, region_id, name, phone, postcode,
         created_at, forget_on)
       SELECT id, id % 300 + 1, (id % 300) / 30 + 1, 'Sam Jones', sender, 'E11 1AA', received_at,
         forget_on FROM inbound_text""",
    f"""INSERT INTO follow_up (key, reason, member_id, region_id, branch_id, last_step, stepped_at,
         due_at, version)
       SELECT 'joined:' || {_MEMBER}, 'joined', {_MEMBER}, (n % 300) / 30 + 1, n % 300 + 1,
         CASE WHEN n % 9 = 0 THEN 'left-word' ELSE 'called' END, :now - n % 90 * interval '1 day',
         CASE WHEN n % 9 = 0 THEN :now + (n % 60 - 30) * interval '1 day' END, 1 {_each(20, 4)}""",
    """INSERT INTO follow_up_step (follow_up_id, step, account_id, at, nonce)
       SELECT id, last_step, md5('account0')::uuid, stepped_at, gen_random_uuid() FROM follow_up""",
    # Gifts by card, the last of them tonight; of nine in ten the message is decided on.
    f"""INSERT INTO pledge (id, kind, state, amount_pence, cover_pence, currency, title, appeal_id,
         name, email, email_key, message, message_read, display, source, form_nonce, created_at)
       SELECT md5('card' || n)::uuid, 'donation', 'paid', 500 + n % 90 * 100, 0, 'GBP', 'Fund', 1,
         {NAME}, n || '@example.org', n || '@example.org', 'For the strike fund, ' || n,
         n < CAST(:many AS int) * 9 / 10, 'first',
         '', 'card' || n, :now - (CAST(:many AS int) - n) * {LATE} {_each(5)}""",
    """INSERT INTO pledge_word (pledge_id, word, since)
       SELECT id, lower(word), created_at FROM pledge,
         LATERAL (VALUES (name), (regexp_replace(name, '(.*) (.*)', '\\2 \\1'))) AS said (word)
       WHERE kind <> 'dues'""",
    """INSERT INTO payment (id, pledge_id, number, amount_pence, currency, paid_at, booked_at,
         method, kind, fee_pence, payment_intent, charge)
       SELECT md5('card paid' || id)::uuid, id, 1, amount_pence, 'GBP', created_at, created_at,
         'card', kind, 35, 'pi_' || form_nonce, 'ch_' || form_nonce
       FROM pledge WHERE kind = 'donation'""",
    """INSERT INTO ledger_transaction (id, key, kind, payment_id, moved_at, booked_at)
       SELECT (SELECT max(id) FROM ledger_transaction) + row_number() OVER (),
         'payment:' || id, 'payment', id, paid_at, booked_at
       FROM payment WHERE payment_intent IS NOT NULL""",
    """INSERT INTO ledger_entry (transaction_id, account, appeal_id, pence)
       SELECT moved.id, CASE side WHEN 1 THEN 'stripe' ELSE 'gifts' END,
         CASE side WHEN -1 THEN 1 END, side * payment.amount_pence
       FROM payment JOIN ledger_transaction AS moved ON moved.payment_id = payment.id,
         (VALUES (1), (-1)) AS sides (side) WHERE payment_intent IS NOT NULL""",
    f"""INSERT INTO wall_entry (pledge_id, public_id, appeal_id, given_at, state, changed_at)
       SELECT md5('card' || n)::uuid, md5('wall' || n)::uuid, 1,
         :now - (CAST(:many AS int) - n) * {LATE},
         CASE WHEN n % 11 = 0 THEN 'hidden' ELSE 'approved' END, :now
       {_each(5)} WHERE n < CAST(:many AS int) * 9 / 10""",
    """INSERT INTO message_decision (pledge_id, decision, why, who, at)
       SELECT pledge_id, CASE state WHEN 'hidden' THEN 'hide' ELSE 'approve' END, '', 'staff',
         changed_at FROM wall_entry""",
    """INSERT INTO refund (id, payment_id, stripe_refund, amount_pence, status, reason, made_at,
         changed_at)
       SELECT md5('refund' || id)::uuid, id, 're_' || charge, amount_pence, 'succeeded', NULL,
         paid_at, paid_at FROM payment WHERE charge LIKE '%00'""",
    """INSERT INTO dispute (id, payment_id, stripe_dispute, amount_pence, status, reason, opened_at,
         answer_by, changed_at, closed_at)
       SELECT md5('dispute' || id)::uuid, id, 'dp_' || charge, amount_pence,
         CASE WHEN charge LIKE '%0050' THEN 'needs_response' ELSE 'won' END, 'fraudulent', paid_at,
         CAST(:now AS timestamptz) + interval '5 days', paid_at,
         CASE WHEN charge NOT LIKE '%0050' THEN paid_at END
       FROM payment WHERE charge LIKE '%50'""",
    """INSERT INTO payout (id, stripe_payout, amount_pence, status, made_at, arrives_on, changed_at,
         lines_at)
       SELECT md5('payout' || n)::uuid, 'po_' || n, 100000, 'paid', :now - n * interval '1 day',
         CAST(:now AS date) - n, :now, :now FROM generate_series(1, 700) AS n""",
    """INSERT INTO payout_line (payout_id, balance_transaction, kind, source, amount_pence,
         fee_pence, net_pence, payment_id)
       SELECT md5('payout' || 1 + row % 700)::uuid, 'txn_' || row, 'charge', charge, amount_pence,
         35, amount_pence - 35, id
       FROM (SELECT *, row_number() OVER () AS row FROM payment WHERE charge IS NOT NULL) each""",
    """UPDATE payout SET line_count = made.lines, lines_net_pence = made.net FROM
         (SELECT payout_id, count(*) AS lines, sum(net_pence) AS net FROM payout_line
          GROUP BY payout_id) AS made WHERE made.payout_id = payout.id""",
    """INSERT INTO permissibility_check (payment_id, received_on, due_on, state, marked_at,
         decided_at, why, who, reminded)
       SELECT id, paid_at::date, paid_at::date + 30, CASE row % 20 WHEN 0 THEN 'waiting'
         ELSE 'accepted' END, paid_at, CASE WHEN row % 20 > 0 THEN paid_at END, '', '', 0
       FROM (SELECT *, row_number() OVER (ORDER BY paid_at) AS row FROM payment
             WHERE charge LIKE '%25') each""",
    """INSERT INTO bank_line (id, key, account, on_day, pence, type, text, reference, folded, raw,
         doubt, state, imported_at)
       SELECT (SELECT max(id) FROM bank_line) + n, 'waits' || n, 'main',
         CAST(:now AS date) - n % 30, 1000, 'BGC',
         'A GIVER ' || n, '', 'a giver ' || n, '', false, 'waiting', :now
       FROM generate_series(1, 500) AS n""",
    """INSERT INTO privacy_request (kind, name, email, email_key, message, form_nonce, asked_at,
         asked_on, due_on, done_at, outcome)
       SELECT 'access', 'Sam Jones', n || '@example.org', n || '@example.org', '', 'asked' || n,
         :now - n * interval '6 hours', CAST(:now AS date) - n / 4, CAST(:now AS date) - n / 4 + 30,
         CASE WHEN n > 100 THEN :now END, CASE WHEN n > 100 THEN 'done' END
       FROM generate_series(1, 2000) AS n""",
)
