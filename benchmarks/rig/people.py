"""A great membership, made in bulk on PostgreSQL: members, branches, events, dues and gifts.

`fill` takes minutes for a million. It writes what the services would have written, table by table,
with triggers and all but the unique indices away while it does so. Member `n` is `member_id(n)`,
has the address `n@example.org`, and belongs to branch `n % 300 + 1`; a tenth of all are in each of
ten regions.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

MEMBERS, BRANCHES, REGIONS, EVENTS_EACH = 1_000_000, 300, 10, 5
GIVES_TOO = 5
"""One member in so many also gave to an appeal, by a line of the bank."""
_NUMBERED = ("region", "branch", "appeal", "ledger_transaction", "bank_line", "inbound_text")
WOULD_CHANGE = 20
"""One active member in so many has paid for nothing since two months ago, and stands otherwise."""

_SERIES = "FROM generate_series(1, CAST(:many AS int)) AS n"
# Some 50,000 names, one in 47 of them Smith.
_FORENAME = """(ARRAY['Ana', 'Sam', 'Olu', 'Mairi', 'Tom', 'Priya', 'Dai', 'Zofia', 'Ken', 'Ruth',
    'Ali', 'Joan', 'Pat', 'Wren', 'Ines', 'Jo'])[1 + n % 16]"""
_SURNAME = """(CASE n % 47 WHEN 7 THEN 'Smith' ELSE
    (ARRAY['Hol', 'Ash', 'Bra', 'Car', 'Dun', 'Fen', 'Gar', 'Lan', 'Mor', 'Whit'])[1 + n / 16 % 10]
    || (ARRAY['den', 'ley', 'mer', 'wor', 'ber', 'ca', 'ri', 'sto'])[1 + n / 160 % 8]
    || (ARRAY['ton', 'man', 'son', 'well', 'ford', 'by', 'wick', 'sey'])[1 + n / 1280 % 8]
    || (ARRAY['', 's', 'e', 'er', 'ing'])[1 + n / 10240 % 5] END)"""
NUMBER = "('+447700900' || lpad((n % 1000000)::text, 6, '0'))"
"""The telephone of the member of number `n`: reserved for drama, and too long to be anybody's."""
NAME = f"({_FORENAME} || ' ' || {_SURNAME})"
"""What the member, or giver, of number `n` is called: an expression."""
_STATE = """(CASE n % 20 WHEN 0 THEN 'lapsed' WHEN 1 THEN 'arrears' WHEN 2 THEN 'left'
    ELSE 'active' END)"""
# How many months ago dues came last: what makes `_STATE` true, but for one in `WOULD_CHANGE`.
_AGO = f"""(CASE n % 20 WHEN 0 THEN 5 WHEN 1 THEN 2 WHEN 2 THEN 3
    ELSE (CASE WHEN n / 20 % {WOULD_CHANGE} = 0 THEN 2 ELSE 0 END) END)"""
_PAID = f"(CAST(:month AS timestamptz) - ({_AGO} + part) * interval '1 month')"
_MEMBER = "md5('member' || n)::uuid"

_FILL = (
    """INSERT INTO region (id, slug, name, phone, display, notify_email, rank)
       SELECT r, 'region-' || r, 'Region ' || r, '+447700900001', '07700 900001',
         'region@example.org', r FROM generate_series(1, 10) AS r""",
    """INSERT INTO branch (id, slug, name, region_id, postcode, lat, lon, position_given, place,
         meets, status, sample, rank)
       SELECT b, 'branch-' || b, 'Branch ' || b, (b - 1) / 30 + 1, 'E11 1AA', 51.5, 0.0, true, '',
         '', 'open', true, b FROM generate_series(1, 300) AS b""",
    f"""INSERT INTO pledge (id, kind, state, amount_pence, cover_pence, currency, title, name,
         email, email_key, postcode, message, display, source, form_nonce, created_at, stopped_at)
       SELECT md5('pledge' || n)::uuid, 'dues', 'paid', 1000, 0, 'GBP', 'Dues', {NAME},
         n || '@example.org', n || '@example.org', 'E11 1AA', '', 'anonymous', '', 'dues' || n,
         :began, CASE n % 20 WHEN 2 THEN CAST(:month AS timestamptz) END {_SERIES}""",
    f"""INSERT INTO member (id, state, name, email, email_key, phone, date_of_birth, address1,
         address2, town, postcode, precision, branch_id, region_id, rate, dues_pledge_id,
         form_nonce, created_at, joined_at, sort_key, news)
       SELECT {_MEMBER}, {_STATE}, {NAME}, n || '@example.org', n || '@example.org',
         {NUMBER}, DATE '1950-01-01' + n % 18000,
         n || ' High Road', '', 'Town', 'E' || n % 20 + 1 || ' 1AA', 'postcode', n % 300 + 1,
         (n % 300) / 30 + 1, 'standard', md5('pledge' || n)::uuid, 'form' || n, :began,
         :began + n % 700 * interval '1 day', lower({_SURNAME} || ' ' || {_FORENAME}),
         n % 2 = 0 {_SERIES}""",
    """INSERT INTO pledge_word (pledge_id, word, since)
       SELECT pledge.id, word, pledge.created_at FROM pledge
         JOIN member ON member.dues_pledge_id = pledge.id,
         LATERAL (VALUES (lower(member.name)), (sort_key)) AS said (word)""",
    """INSERT INTO member_word (member_id, word, region_id, branch_id)
       SELECT id, word, region_id, branch_id FROM member,
         LATERAL (VALUES ('n ' || sort_key), ('n ' || lower(name)), ('e ' || email_key),
           ('t ' || phone), ('r ' || reverse(phone)), ('p ' || lower(postcode))) AS said (word)""",
    f"""INSERT INTO member_pledge (pledge_id, member_id, since)
       SELECT md5('pledge' || n)::uuid, {_MEMBER}, :began {_SERIES}""",
    f"""INSERT INTO membership_event (member_id, from_state, to_state, at, why, who, kind)
       SELECT {_MEMBER}, was, CASE WHEN part = 5 THEN {_STATE} ELSE became END,
         :began + part * interval '1 month', 'in bulk', 'clock',
         CASE WHEN part = 5 AND {_STATE} = 'active' THEN 'moved' ELSE 'state' END
       {_SERIES}, (VALUES (1, NULL, 'applied'), (2, 'applied', 'active'),
         (3, 'active', 'arrears'), (4, 'arrears', 'active'), (5, 'active', NULL))
         AS step (part, was, became)""",
    f"""INSERT INTO consent (member_id, channel, given, wording, at, source)
       SELECT {_MEMBER}, channel, n % 2 = 0, 'A sentence.', :began, 'join form'
       {_SERIES}, (VALUES ('email'), ('text')) AS asked (channel)""",
    f"""INSERT INTO payment (id, pledge_id, number, amount_pence, currency, paid_at, booked_at,
         method, kind)
       SELECT md5('payment' || n || '.' || part)::uuid, md5('pledge' || n)::uuid, 2 - part, 1000,
         'GBP', {_PAID}, {_PAID}, 'standing-order', 'dues'
       {_SERIES}, generate_series(0, 1) AS part""",
    """INSERT INTO appeal (id, slug, title, blurb, target_pence, starts)
       VALUES (1, 'fighting-fund', 'Fund', '', 100, '2020-01-01')""",
    f"""INSERT INTO pledge (id, kind, state, amount_pence, cover_pence, currency, title, appeal_id,
         name, email, email_key, message, display, source, form_nonce, created_at)
       SELECT md5('gift' || n)::uuid, 'offline', 'paid', 1000, 0, 'GBP', 'Fund', 1, {NAME},
         '', n || '@example.org', '', 'anonymous', '', 'gift' || n, :began
       {_SERIES} WHERE n % {GIVES_TOO} = 0""",
    """INSERT INTO payment (id, pledge_id, number, amount_pence, currency, paid_at, booked_at,
         method, kind)
       SELECT md5('gift paid' || id)::uuid, id, 1, 1000, 'GBP', created_at, created_at, 'bank', kind
       FROM pledge WHERE kind = 'offline'""",
    """INSERT INTO offline_entry (payment_id, key, fingerprint, received_on, reference, entered_at)
       SELECT id, id || chr(58) || '1', id::text, paid_at::date, '', booked_at FROM payment""",
    """INSERT INTO ledger_transaction (id, key, kind, payment_id, moved_at, booked_at)
       SELECT row_number() OVER (), 'payment:' || id, 'payment', id, paid_at, booked_at
       FROM payment""",
    """INSERT INTO ledger_entry (transaction_id, account, appeal_id, pence)
       SELECT moved.id, CASE side WHEN 1 THEN 'bank' WHEN -1 THEN
           CASE pledge.kind WHEN 'dues' THEN 'dues' ELSE 'gifts' END END,
         CASE side WHEN -1 THEN pledge.appeal_id END, side * payment.amount_pence
       FROM ledger_transaction AS moved JOIN payment ON payment.id = moved.payment_id
         JOIN pledge ON pledge.id = payment.pledge_id, (VALUES (1), (-1)) AS sides (side)""",
    """INSERT INTO appeal_donor (key, appeal_id, transaction_id)
       SELECT '1' || chr(58) || pledge.email_key, 1, moved.id
       FROM pledge JOIN payment ON payment.pledge_id = pledge.id
         JOIN ledger_transaction AS moved ON moved.payment_id = payment.id
       WHERE pledge.kind = 'offline'""",
    "INSERT INTO bank_account (name) VALUES ('main')",
    """INSERT INTO bank_line (id, key, account, on_day, pence, type, text, reference, folded, raw,
         doubt, state, imported_at, payment_id)
       SELECT row_number() OVER (), 'line' || payment.id, 'main', paid_at::date, 1000, 'BGC',
         'GIVER', '', 'giver', '', false, 'matched', booked_at, payment.id
       FROM payment WHERE method = 'bank'""",
    """INSERT INTO bank_decision (line_id, decision, payment_id, why, at)
       SELECT id, 'book', payment_id, '', imported_at FROM bank_line""",
    f"""INSERT INTO outbox_mail (key, template, recipient, "values", message_id, created_at,
         attempts, done_at, campaign)
       SELECT 'welcome:' || n, 'welcome', n || '@example.org', '{{}}', 'welcome' || n, :began, 1,
         :began, false {_SERIES}""",
)


def fill(engine: Engine, many: int, *, now: dt.datetime, more: Sequence[str] = ()) -> None:
    """Make so many members (a multiple of 300 is best), with what hangs on them, as of now.

    The engine is that of a superuser, who may switch triggers off.
    `more` is what is to stand beside them: statements of the same values.
    """
    month = now.replace(day=1, hour=12)
    values = {
        "many": many,
        "began": now - dt.timedelta(days=700),
        "month": month,
        "now": now,
    }
    with engine.begin() as connection, _bare(connection):
        for statement in (*_FILL, *more):
            named = {key: values[key] for key in values if f":{key}" in statement}
            connection.execute(text(statement), named)
        for table in _NUMBERED:
            last = f"(SELECT max(id) FROM {table})"  # noqa: S608 -- names of our own
            connection.execute(text(f"SELECT setval('{table}_id_seq', {last})"))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def member_id(number: int) -> uuid.UUID:
    """Return the id of a member by their number."""
    return uuid.UUID(hashlib.md5(f"member{number}".encode(), usedforsecurity=False).hexdigest())


@contextmanager
def _bare(connection: Connection) -> Iterator[None]:
    """Take triggers away, and the indices that keep nothing apart; make these anew at the end."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    found = connection.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND indexdef NOT LIKE '%UNIQUE%'"
        )
    ).all()
    for name, _made_by in found:
        connection.execute(text(f'DROP INDEX "{name}"'))
    yield
    for _name, made_by in found:
        connection.execute(text(made_by))
