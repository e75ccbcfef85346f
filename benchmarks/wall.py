"""How quickly the first page of an appeal's wall is there, at a million donations.

    python -m benchmarks.wall [donations]

On a PostgreSQL of its own. One gift in three comes with a message; of these nineteen in twenty are
approved, one in a hundred has been given back, one in a hundred is disputed, and some hundred wait
for a moderator. Beside it, in the same run: the same page asked of pledges, payments, refunds and
disputes as one would first write it, joined and grouped. A million gifts take two minutes to make.
"""

import sys
from collections.abc import Callable
from time import perf_counter

from sqlalchemy import select, text

from benchmarks import _money
from core.database import Database
from payments.models import Appeal
from payments.wall import showing
from tests import postgres

LARGE, ASKED, WAITING = 1_000_000, 200, 100
PROMISED = 5.0

_WRITE = (
    """UPDATE pledge SET message = 'Solidarity from number ' || right(form_nonce, -5),
         display = (ARRAY['full', 'first', 'anonymous'])[1 + right(form_nonce, -5)::int % 3]
       WHERE right(form_nonce, -5)::int % 3 = 0""",
    """INSERT INTO wall_entry (pledge_id, public_id, appeal_id, given_at, state, changed_at)
       SELECT pledge.id, md5('wall' || pledge.id)::uuid, appeal_id, paid_at,
         CASE WHEN right(form_nonce, -5)::int % 20 = 0 THEN 'hidden' ELSE 'approved' END, paid_at
       FROM pledge JOIN payment ON payment.pledge_id = pledge.id
       WHERE message <> '' ORDER BY paid_at OFFSET :waiting""",
    "UPDATE pledge SET message_read = true WHERE id IN (SELECT pledge_id FROM wall_entry)",
    """INSERT INTO refund (id, payment_id, stripe_refund, amount_pence, status, made_at, changed_at)
       SELECT md5('refund' || id)::uuid, id, 're_' || id, amount_pence, 'succeeded', paid_at,
         paid_at
       FROM payment WHERE right(payment_intent, -3)::int % 100 = 3""",
    """INSERT INTO dispute (id, payment_id, stripe_dispute, amount_pence, status, reason,
         opened_at, changed_at)
       SELECT md5('dispute' || id)::uuid, id, 'du_' || id, amount_pence, 'needs_response', 'x',
         paid_at, paid_at
       FROM payment WHERE right(payment_intent, -3)::int % 100 = 6""",
)
_NAIVE = """
    SELECT entry.public_id, pledge.name, pledge.display, pledge.message, payment.paid_at
    FROM pledge
      JOIN wall_entry AS entry ON entry.pledge_id = pledge.id
      JOIN payment ON payment.pledge_id = pledge.id AND payment.number = 1
      LEFT JOIN refund ON refund.payment_id = payment.id
        AND refund.status NOT IN ('failed', 'canceled')
      LEFT JOIN dispute ON dispute.payment_id = payment.id
        AND dispute.status IN ('needs_response', 'under_review', 'lost')
    WHERE pledge.appeal_id = :appeal AND entry.state = 'approved'
    GROUP BY entry.public_id, pledge.id, payment.id
    HAVING count(dispute.id) = 0
      AND coalesce(sum(refund.amount_pence), 0) < payment.amount_pence
    ORDER BY payment.paid_at DESC, entry.public_id DESC LIMIT 20"""


def main(many: int) -> None:
    """Fill a database, ask for the wall in several ways, and print how long each takes."""
    with postgres.server(*_money.DURABLE) as url:
        database = _money.prepare(url)
        _money.fill(database, 1, many)
        _write_messages(database)
        _ask(database, many)
        _over_http(url)
        database.engine.dispose()


def _write_messages(database: Database) -> None:
    with database.engine.begin() as connection:
        for statement in _WRITE:
            named = {"waiting": WAITING} if ":waiting" in statement else {}
            connection.execute(text(statement), named)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _ask(database: Database, many: int) -> None:
    with database.reading() as session:
        appeal_id = session.scalars(select(Appeal.id)).one()
        cursor = showing.page(session, appeal_id).older
        middle = text(
            "SELECT given_at, public_id FROM wall_entry ORDER BY given_at OFFSET :n LIMIT 1"
        )
        deep = showing.Cursor(*session.execute(middle, {"n": many // 6}).one())
        first = _times(lambda: showing.page(session, appeal_id), ASKED)
        second = _times(lambda: showing.page(session, appeal_id, before=cursor), ASKED)
        far = _times(lambda: showing.page(session, appeal_id, before=deep), ASKED)
        link = _times(lambda: showing.anything(session, "fighting-fund"), ASKED)
        queue = _times(lambda: showing.queue(session, most=WAITING), 9)
        naive = _times(lambda: session.execute(text(_NAIVE), {"appeal": appeal_id}).all(), 5)
        ours = [each.id for each in showing.page(session, appeal_id).messages]
        theirs = [row[0] for row in session.execute(text(_NAIVE), {"appeal": appeal_id})]
        waiting = len(showing.queue(session, most=2 * WAITING))
    if ours != theirs or waiting != WAITING:
        raise SystemExit("the two ways to ask do not agree")
    half, most = _middle(first), first[len(first) * 95 // 100]
    _say(
        f"wall: first page at {many:,} gifts {half:.2f} ms (p95 {most:.2f} ms; {PROMISED} promised)"
    )
    _say(f"wall: second page {_middle(second):.2f} ms, one half-way back {_middle(far):.2f} ms")
    _say(f"wall: whether to link to it {_middle(link):.2f} ms")
    _say(f"wall: the moderator's queue of {WAITING} {_middle(queue):.1f} ms")
    _say(f"wall: naively {_middle(naive):.0f} ms, ratio {_middle(naive) / half:.0f}: the same page")


def _over_http(url: str) -> None:
    """Time the whole answer, without a network between."""
    client = _money.service(url).test_client()
    for form in ("", ".json", ".atom"):
        path = f"/donate/fighting-fund/messages{form}"
        took = _times(lambda path=path: client.get(path), ASKED)  # type: ignore[misc]  # bound now
        _say(f"wall: GET {path} {_middle(took):.2f} ms of our process and the database")


def _middle(times: list[float]) -> float:
    return times[len(times) // 2]


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _times(ask: Callable[[], object], many: int) -> list[float]:
    """Return how many milliseconds each asking takes, sorted; the first ones warm up."""
    found = []
    for number in range(many + 5):
        began = perf_counter()
        ask()
        if number >= 5:  # noqa: PLR2004 -- the first ones
            found.append((perf_counter() - began) * 1e3)
    return sorted(found)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE)
