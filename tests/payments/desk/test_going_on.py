"""Every list of the money desk goes on beyond its first page, in as many queries as for one row."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from payments.desk import finding, giving_back, holding, listing
from payments.desk.finding import Filters
from payments.law import listing as checking
from payments.models import (
    Appeal,
    BankAccount,
    BankLine,
    Dispute,
    FraudWarning,
    Payment,
    Payout,
    PermissibilityCheck,
    Pledge,
    Refund,
    RefundRequest,
    RefundWish,
    WebhookEvent,
)
from tests.databases import ON_ONE
from tests.fakes import START
from tests.payments.desk.conftest import paid
from tests.payments.factories import make_pledge
from tests.payments.offline.kit import enter
from tests.staff.conftest import Desk, Person

pytestmark = ON_ONE
MANY = 60  # more than a page of any of them
PAGES = (
    "",
    "?kind=donation",
    "?state=given-back",
    "?state=disputed",
    "/refunds",
    "/offline",
    "/bank",
    "/bank/decided",
    "/payouts",
    "/disputes",
    "/disputes?show=over",
    "/disputes?show=warnings",
    "/checks",
    "/held",
)


def lay_out(session: Session, many: int, first: int = 0) -> None:
    """Lay out so much of everything that a treasurer has to look at."""
    numbers = range(first, first + many)
    if not first:
        session.add(BankAccount(name="main"))
        make_pledge(session)  # and the appeal
    appeal_id = session.scalars(select(Appeal.id)).first()
    for number in numbers:
        at = START + dt.timedelta(minutes=number // 2)  # many at one moment
        pledge, other = (_given(appeal_id, at) for _each in range(2))
        session.add_all([pledge, other])
        session.flush()
        _hang_on(session, pledge, other.payments[0].id, number, at)
    session.flush()
    for number in numbers:
        _lines(session, number)
    session.flush()


def _given(appeal_id: int | None, at: dt.datetime) -> Pledge:
    """Make a gift that was paid, straight into the tables."""
    key = uuid.uuid4()
    said = {"title": "Fund", "name": "Sam Jones", "message": "", "display": "first", "source": ""}
    pledge = Pledge(
        id=key,
        kind="donation",
        state="paid",
        amount_pence=1000,
        appeal_id=appeal_id,
        email="",
        email_key=key.hex,
        form_nonce=key.hex,
        created_at=at,
        **said,
    )
    payment = Payment(
        id=uuid.uuid4(),
        number=1,
        kind="donation",
        amount_pence=1000,
        currency="GBP",
        paid_at=at,
        booked_at=at,
        payment_intent=f"pi_{key.hex}",
    )
    pledge.payments.append(payment)
    return pledge


def _hang_on(
    session: Session, pledge: Pledge, bare: uuid.UUID, number: int, at: dt.datetime
) -> None:
    more = {"payment_id": pledge.payments[0].id, "amount_pence": 100}
    name = f"{number:04}"
    moments = {"opened_at": at, "changed_at": at, "reason": "fraudulent", "answer_by": None}
    over = {"closed_at": at, "status": "lost"} if number % 2 else {"status": "needs_response"}
    made = {"made_at": at, "changed_at": at, "status": "succeeded", "stripe_refund": f"re_{name}"}
    pledge.held_because = "amount"
    session.add_all(
        [
            Dispute(id=uuid.uuid4(), stripe_dispute=f"dp_{name}", **more, **moments, **over),
            Refund(id=uuid.uuid4(), **more, **made),
        ]
    )
    session.add_all(
        [
            FraudWarning(payment_id=bare, stripe_warning=name, kind="stolen", warned_at=at),
            RefundRequest(payment_id=bare, key=name, amount_pence=1, why="x", asked_at=at),
            RefundWish(
                id=uuid.uuid4(),
                form_nonce=name,
                why="x",
                needs_second=True,
                state="waiting",
                asked_by=uuid.uuid4(),
                asked_at=at,
                payment_id=bare,
                amount_pence=1,
            ),
            PermissibilityCheck(
                payment_id=bare,
                received_on=START.date(),
                due_on=START.date(),
                marked_at=at,
            ),
            WebhookEvent(
                event_id=f"evt_{name}",
                type="x",
                livemode=False,
                created=at,
                received_at=at,
                raw=b"",
                pledge_id=pledge.id,
                outcome="held",
            ),
        ]
    )


def _lines(session: Session, number: int) -> None:
    day = START.date() - dt.timedelta(days=number // 3)
    said = {"account": "main", "on_day": day, "pence": 500, "type": "", "reference": ""}
    rest = {"raw": "", "doubt": False, "imported_at": START}
    for state in ("waiting", "not-a-gift"):
        text = f"{state} {number}"
        session.add(BankLine(key=text, text=text, folded=text, state=state, **said, **rest))
    payout = {"amount_pence": 5, "status": "paid", "made_at": START, "changed_at": START}
    session.add(Payout(id=uuid.uuid4(), stripe_payout=f"po_{number}", arrives_on=day, **payout))


def entered(session: Session, many: int, first: int = 0) -> None:
    for number in range(first, first + many):
        enter(session, reference=str(number), appeal="fighting-fund")


@contextmanager
def counting(desk: Desk) -> Iterator[list[str]]:
    """Remember what the database is asked."""
    asked: list[str] = []

    def ask(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(desk.database.engine, "before_cursor_execute", ask)
    try:
        yield asked
    finally:
        event.remove(desk.database.engine, "before_cursor_execute", ask)


def rows_of(page: str) -> int:
    return len(re.findall(r'class="(?:row|card)"', page))


def next_of(page: str) -> str | None:
    """Return the address of the next page of a list."""
    found = re.findall(r'href="([^"]*[?&](?:amp;)?(?:after|before)=[^"]+)"', page)
    return str(found[0]).replace("&amp;", "&") if found else None


def test_each_list_shows_all_of_it_page_by_page_in_as_many_queries_as_one_row_takes(
    desk: Desk, terry: Person
) -> None:
    with desk.database.transaction() as session:
        lay_out(session, 1)
        entered(session, 1)
    few = {}
    for page in PAGES:
        terry.client.get(f"/desk/money{page}")  # what is read once for all
        with counting(desk) as asked:
            terry.client.get(f"/desk/money{page}")
        few[page] = len(asked)
    with desk.database.transaction() as session:
        lay_out(session, MANY, 1)
        entered(session, MANY, 1)
    for page in PAGES:
        with counting(desk) as asked:
            text = terry.client.get(f"/desk/money{page}").text
        assert len(asked) <= few[page], page
        assert next_of(text), page
        seen, shown = 0, set()
        address: str | None = f"/desk/money{page}"
        if page == "/disputes":  # several lists, each with a page of its own
            continue
        while address:
            answer = terry.client.get(address)
            assert answer.status_code == 200, address
            assert address not in shown, address
            shown.add(address)
            seen += rows_of(answer.text)
            address = next_of(answer.text)
        assert seen >= (MANY + 1) // 2, page


def test_what_a_page_begins_behind_is_a_row_or_no_page(desk: Desk, terry: Person) -> None:
    payment_id = paid(desk)
    for page in ("refunds", "offline", "disputes", "held"):
        assert terry.client.get(f"/desk/money/{page}?after={uuid.uuid4()}").status_code == 200
        assert terry.client.get(f"/desk/money/{page}?after={payment_id}").status_code == 200
        assert terry.client.get(f"/desk/money/{page}?after=x").status_code == 404
    assert terry.client.get("/desk/money/disputes?show=x").status_code == 404
    assert terry.client.get("/desk/money/checks?after=99999999999").status_code == 200


def test_lists_of_one_moment_lose_no_row_between_pages(session: Session) -> None:
    lay_out(session, MANY)
    for state in finding.STATES:
        first = finding.listed(session, Filters(state=state))
        second = finding.listed(session, Filters(state=state), before=first.older)
        ids = [each.payment.id for each in (*first.found, *second.found)]
        assert (len(ids), len(set(ids))) == (MANY, MANY)
    wishes = giving_back.every_waiting(session)
    more = giving_back.every_waiting(session, after=wishes[-2][0].id)
    assert len({wish.id for wish, _payment in (*wishes, *more)}) == MANY
    over = listing.disputes(session, "over")
    rest = listing.disputes(session, "over", after=over.more)
    assert len({each.id for each in (*over.found, *rest.found)}) == MANY // 2
    checks = checking.entries(session, most=25)
    later = checking.entries(session, most=MANY, after=checks[-1].check.id)
    assert len({each.check.id for each in (*checks, *later)}) == MANY
    held = holding.held(session)
    assert held.more is not None
    assert holding.held(session, after=held.more).found[0].pledge.id > held.more
