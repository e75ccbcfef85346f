"""The desk of numbers: counted from events, shown to each in their scope, as a recount has it."""

import datetime as dt
import re
import uuid

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.months import month_of
from members.models import Member, MembershipEvent
from members.records import MemberNote
from members.today.records import FollowUp, FollowUpStep
from payments.models import Appeal, LedgerEntry, LedgerTransaction, Payment
from staff import charts, counting, numbers
from staff.numbers import Point, Seen
from staff.principal import Principal, Role
from staff.records import MonthlyFigure
from tests.fakes import START
from tests.members.desk.conftest import People, put, seat
from tests.questions import counted
from tests.staff.conftest import ALEX, ROBIN

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = month_of(START)
# A summer's midnight in London is still the day before in UTC.
LAST_OF_MAY = dt.datetime(2026, 5, 31, 22, 59, 59, tzinfo=dt.UTC)
FIRST_OF_JUNE = dt.datetime(2026, 5, 31, 23, 0, tzinfo=dt.UTC)
A_YEAR_AND_MORE = START - dt.timedelta(days=400)


def went(
    people: People, member_id: uuid.UUID, step: str, at: dt.datetime, kind: str = "state"
) -> None:
    before, after = step.split(">")
    with people.database.transaction() as session:
        event = MembershipEvent(
            member_id=member_id,
            kind=kind,
            from_state=before or None,
            to_state=after,
            at=at,
            why="a test",
            who="clock",
        )
        session.add(event)


def book(
    people: People, account: str, pence: int, at: dt.datetime, payment: uuid.UUID | None
) -> None:
    with people.database.transaction() as session:
        appeal = session.scalar(select(Appeal.id).limit(1)) if account == "gifts" else None
        moved = LedgerTransaction(
            key=f"payment:{uuid.uuid4()}",
            kind="payment",
            payment_id=payment,
            moved_at=at,
            booked_at=at,
            entries=[
                LedgerEntry(account="stripe", pence=pence, appeal_id=None),
                LedgerEntry(account=account, pence=-pence, appeal_id=appeal),
            ],
        )
        session.add(moved)


def count(people: People) -> dict[str, int]:
    with people.app.app_context():
        return counting.count_all(series(people), now=START)


def series(people: People) -> list[numbers.Series]:
    found: list[numbers.Series] = people.app.extensions["staff"].series
    return found


def seen(people: People, principal: Principal) -> Seen:
    with people.database.reading() as session:
        return numbers.look(session, principal, series(people), now=START)


def of_month(found: Seen, name: str, month: int = HERE) -> int | None:
    return found.points[name][month - HERE - 1].value


def principal(role: Role, **where: frozenset[int]) -> Principal:
    return Principal(uuid.uuid4(), "somebody@example.org", role, **where)


def rang(session: Session, member_id: uuid.UUID, at: dt.datetime) -> FollowUpStep:
    """Let somebody at the desk have rung a member."""
    key = f"joined:{member_id}"
    card = session.scalar(select(FollowUp).where(FollowUp.key == key))
    card = card or FollowUp(key=key, reason="joined", member_id=member_id)
    step = FollowUpStep(
        follow_up=card, step="called", account_id=uuid.uuid4(), at=at, nonce=uuid.uuid4()
    )
    session.add(step)
    session.flush()
    return step


def called_back(session: Session, member_id: uuid.UUID, at: dt.datetime) -> None:
    """Let somebody have said that they rang, and taken it back."""
    step = rang(session, member_id, at)
    session.add(
        FollowUpStep(
            follow_up_id=step.follow_up_id,
            step="undo",
            undoes_id=step.id,
            account_id=step.account_id,
            at=at,
            nonce=uuid.uuid4(),
        )
    )
    session.flush()


def test_numbers_are_those_of_the_events_month_by_month_and_place_by_place(people: People) -> None:
    sam, fay = people.put("Sam"), people.put("Fay", branch="cardiff")
    ana = people.put("Ana", branch="newham", state="left", joined=FIRST_OF_JUNE)
    far = people.put("Nia", region="wales")
    for who, step, at in (
        (sam, ">applied", FIRST_OF_JUNE),
        (sam, "applied>active", LAST_OF_MAY),
        (fay, "applied>active", START),
        (far, "applied>active", A_YEAR_AND_MORE),
        (ana, "applied>active", FIRST_OF_JUNE),
        (ana, "active>arrears", START),
        (ana, "arrears>lapsed", START),
        (ana, "lapsed>left", START),
    ):
        went(people, who, step, at)
    went(people, sam, "left>active", START, "rejoined")
    went(people, sam, "active>applied", START)
    went(people, sam, "applied>active", START)
    with people.database.transaction() as session:
        for days in (3, 9):
            session.add(
                MemberNote(
                    member_id=ana,
                    account_id=uuid.uuid4(),
                    kind="note",
                    text="Rang",
                    at=FIRST_OF_JUNE + dt.timedelta(days=days, hours=1),
                    nonce=uuid.uuid4(),
                )
            )
        called_back(session, ana, FIRST_OF_JUNE + dt.timedelta(days=1))
        rang(session, ana, FIRST_OF_JUNE + dt.timedelta(days=2, hours=1))
    with people.database.transaction() as session:
        member = session.get_one(Member, fay)
        payment = Payment(
            id=uuid.uuid4(),
            pledge_id=member.dues_pledge_id,
            number=1,
            kind="dues",
            amount_pence=1000,
            currency="GBP",
            paid_at=START,
            booked_at=START,
            method="card",
            invoice="in_1",
        )
        session.add(payment)
    book(people, "dues", 1000, START, payment.id)
    book(people, "dues", -300, START, payment.id)
    assert sum(count(people).values()) > 0
    assert sum(count(people).values()) == 0

    everywhere = seen(people, principal(Role.ADMIN))
    june = month_of(FIRST_OF_JUNE)
    assert of_month(everywhere, "joined") == 2  # Fay, and Sam once though it was twice
    assert of_month(everywhere, "joined", june - 1) == 1
    assert of_month(everywhere, "joined", june) == 1
    assert of_month(everywhere, "went") == 1
    assert of_month(everywhere, "first-call", june) == 2
    assert of_month(everywhere, "first-call") is None
    assert of_month(everywhere, "dues") == 700
    assert everywhere.standing["active"].total == 3
    assert [len(each) for each in everywhere.points.values()] == [13] * len(everywhere.points)

    kim = seen(people, people.principal())
    (london,) = people.principal().regions
    assert of_month(kim, "joined") == 1
    assert of_month(kim, "dues") == 0
    assert kim.standing["active"].total == 1
    assert len(kim.standing["active"].places) == 1
    assert "gifts" not in kim.points

    with people.database.reading() as session:
        branch = session.scalars(select(Member.branch_id).where(Member.id == sam)).one()
    assert branch is not None
    both = principal(Role.ORGANISER, regions=frozenset([london]), branches=frozenset([branch]))
    assert seen(people, both) == kim
    one = principal(Role.ORGANISER, branches=frozenset([branch]))
    assert (of_month(seen(people, one), "joined"), of_month(seen(people, one), "went")) == (1, 0)
    nowhere = principal(Role.ORGANISER, regions=frozenset([2**30]))
    assert of_month(seen(people, nowhere), "joined") == 0
    treasurer = seen(people, principal(Role.TREASURER))
    assert set(treasurer.points) == {"dues", "gifts"}
    assert treasurer.standing == {}


def test_what_is_kept_is_put_right_by_the_next_count(people: People) -> None:
    sam = people.put("Sam")
    went(people, sam, "applied>active", START)
    count(people)
    run = people.app.test_cli_runner().invoke
    assert run(args=["staff", "numbers", "--check"]).exit_code == 0
    with people.database.transaction() as session:
        session.execute(update(MonthlyFigure).values(value=MonthlyFigure.value + 1))
        session.get_one(Member, sam).branch_id = None
    checked = run(args=["staff", "numbers", "--check"])
    assert (checked.exit_code, "joined" in checked.output) == (1, True)
    assert sum(count(people).values()) > 0
    assert run(args=["staff", "numbers", "--check"]).exit_code == 0
    with people.database.reading() as session:
        levels = session.scalars(
            select(MonthlyFigure.level).where(MonthlyFigure.series == "joined")
        )
        assert sorted(levels) == ["all", "region"]


@once
def test_a_count_that_comes_late_undoes_none_that_was_later(people: People) -> None:
    count(people)
    before = START - dt.timedelta(hours=1)
    with people.database.transaction() as session:
        wrong = {"joined": {counting.Key("all", 0, HERE, 0): counting.Figure(9, None, None)}}
        assert counting.keep(session, wrong, now=before) == {}
        assert session.scalar(select(func.count()).select_from(MonthlyFigure)) == 0


@once
def test_the_page_is_pictures_that_are_also_tables_by_a_constant_number_of_questions(
    people: People,
) -> None:
    page = people.kim.client.get("/desk/numbers").text
    assert "still being counted" in page
    count(people)
    with counted(people.database) as few:
        people.kim.client.get("/desk/numbers")
    with people.database.transaction() as session:
        many = [
            put(session, f"Sam {each}", branch=("hackney", "newham")[each % 2]) for each in range(9)
        ]
    for each in many:
        went(people, each, "applied>active", START)
    count(people)
    with counted(people.database) as asked:
        page = people.kim.client.get("/desk/numbers").text
    assert len(asked) == len(few)
    assert re.search(r"<h2[^>]*>Joined</h2>\s*<p[^>]*><strong>9</strong>", page)
    assert page.count('role="img"') == page.count("The same as a table") == 5
    assert re.search(r"November 2026</th><td[^>]*>9<", page)
    assert re.search(r"Newham<svg.*?</svg></th>\s*<td[^>]*>4<", page, re.DOTALL)
    assert "Cardiff" not in page
    assert "Gifts" not in page
    robin = seat(people.desk, ROBIN, Role.TREASURER)
    money = robin.client.get("/desk/numbers").text
    assert ("Gifts" in money, "Dues" in money, "Joined" in money) == (True, True, False)
    alex = seat(people.desk, ALEX, Role.ADMIN)
    assert "London<svg" in alex.client.get("/desk/numbers").text


def test_a_median_is_the_lower_of_two_and_none_of_nothing() -> None:
    assert numbers.median({}) is None
    assert numbers.median({0: 1, 9: 1}) == 0
    assert numbers.median({0: 1, 4: 1, 60: 1}) == 4
    assert numbers.median({2: 3, 5: 2}) == 2


@pytest.mark.parametrize(
    "values", [[], [0, 0], [1], [7, 3, 0], [-5, 12], [-400], [10**12, 1], [None, 3]]
)
def test_columns_stay_within_the_picture_and_stand_on_its_zero(values: list[int | None]) -> None:
    drawn = charts.draw([Point(dt.date(2026, 1, 1), each) for each in values])
    tops = [line.y for line in drawn.lines]
    assert 2 <= len(tops) <= 7
    for column in drawn.columns:
        assert min(tops) <= column.y <= column.y + column.height <= max(tops) + 0.2
        edge = column.y if (column.value or 0) < 0 else column.y + column.height
        assert edge == pytest.approx(drawn.zero, abs=0.2)
    assert all(0 <= each.x <= each.x + each.width <= charts.WIDTH for each in drawn.columns)
