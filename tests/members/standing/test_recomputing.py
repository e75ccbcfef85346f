"""All members stood anew by the clock, by the books alone."""

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from core.months import month_of
from core.outbox import OutboxMail
from members import states
from members.models import Member, MemberPledge, MembershipEvent
from members.standing import facts, recomputing
from members.standing.recomputing import Batch, Change
from members.standing.rules import MonthRules, paid_up_to, standing
from payments.models import Dispute, Payment, Pledge, Refund
from tests.members.standing.books import events_of, make_member, pay, state_of

RULES = MonthRules(arrears_after=1, lapse_after=3)
LINK = dt.timedelta(days=90)
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SEPTEMBER = dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC)


@pytest.fixture
def here(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def recompute(now: dt.datetime, *, keep: bool = True, size: int = 3) -> list[Change]:
    batches = recomputing.everybody(RULES, link=LINK, now=now, keep=keep, size=size)
    return [change for batch in batches for change in batch.changes]


def refund(payment: Payment, pence: int, status: str = "succeeded") -> Refund:
    return Refund(
        id=uuid.uuid4(),
        payment_id=payment.id,
        stripe_refund=f"re_{uuid.uuid4().hex}",
        amount_pence=pence,
        status=status,
        made_at=NOW,
        changed_at=NOW,
    )


def dispute(payment: Payment, status: str) -> Dispute:
    return Dispute(
        id=uuid.uuid4(),
        payment_id=payment.id,
        stripe_dispute=f"dp_{uuid.uuid4().hex}",
        amount_pence=payment.amount_pence,
        status=status,
        reason="general",
        opened_at=NOW,
        changed_at=NOW,
    )


def test_all_stand_anew_batch_by_batch_and_a_second_round_changes_nothing(
    here: Flask, database: Database
) -> None:
    with database.transaction() as session:
        behind = [make_member(session, paid=[SEPTEMBER], email=f"s{n}@example.org") for n in "1234"]
        paid_up = make_member(session, paid=[NOW])
        gone = make_member(session, state="left", paid=[SEPTEMBER])
        never = make_member(session, state="active", paid=[])
    changes = recompute(NOW)
    assert {each.member_id for each in changes} == {each.id for each in behind}
    assert [state_of(database, each) for each in behind] == ["arrears"] * 4
    assert [state_of(database, each) for each in (paid_up, gone, never)] == [
        "active",
        "left",
        "active",
    ]
    assert events_of(database, behind[0]) == [("state", "active", "arrears", "clock")]
    assert recompute(NOW) == []


def test_a_dry_run_changes_nothing_and_writes_to_nobody(here: Flask, database: Database) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[SEPTEMBER])
    assert [each.after for each in recompute(NOW, keep=False)] == ["arrears"]
    assert (state_of(database, member), events_of(database, member)) == ("active", [])
    with database.reading() as session:
        assert session.scalars(select(OutboxMail)).all() == []


@pytest.mark.parametrize(
    ("pence", "status", "state"),
    [
        (1000, "succeeded", "arrears"),
        (1000, "pending", "arrears"),
        (1000, "failed", "active"),
        (1000, "canceled", "active"),
        (400, "succeeded", "active"),
    ],
)
def test_a_month_that_was_given_back_does_not_count(
    here: Flask, database: Database, pence: int, status: str, state: str
) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[SEPTEMBER])
        session.add(refund(pay(session, member, NOW), pence, status))
    recompute(NOW)
    assert state_of(database, member) == state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("needs_response", "arrears"),
        ("under_review", "arrears"),
        ("lost", "arrears"),
        ("won", "active"),
        ("prevented", "active"),
        ("warning_needs_response", "active"),
    ],
)
def test_a_month_that_its_bank_has_again_does_not_count(
    here: Flask, database: Database, status: str, state: str
) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[SEPTEMBER])
        session.add(dispute(pay(session, member, NOW), status))
    recompute(NOW)
    assert state_of(database, member) == state


def test_dues_past_the_gateway_count_for_the_months_that_they_pay(
    here: Flask, database: Database
) -> None:
    with database.transaction() as session:
        year = make_member(session, paid=[])
        pay(session, year, dt.datetime(2026, 1, 10, tzinfo=dt.UTC), pence=12_000, cash=True)
        less = make_member(session, paid=[])
        pay(session, less, dt.datetime(2026, 10, 10, tzinfo=dt.UTC), pence=300, cash=True)
        slip = make_member(session, paid=[])
        pay(session, slip, dt.datetime(2026, 10, 10, tzinfo=dt.UTC), pence=90_000_000, cash=True)
    assert recompute(dt.datetime(2026, 12, 1, tzinfo=dt.UTC), keep=False) == [
        Change(less.id, "active", "arrears", "paid up to 2026-10")
    ]
    assert [each.member_id for each in recompute(dt.datetime(2037, 1, 1, tzinfo=dt.UTC))] == sorted(
        [year.id, less.id, slip.id]
    )


def test_dues_of_an_older_agreement_count_as_well(here: Flask, database: Database) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[NOW])
        newer = make_member(session, state="applied", paid=[])
        session.execute(
            sa.update(MemberPledge)
            .where(MemberPledge.pledge_id == newer.dues_pledge_id)
            .values(member_id=member.id)
        )
        pledge_id = newer.dues_pledge_id
        session.delete(newer)
        session.flush()
        member.dues_pledge_id = pledge_id
    assert recompute(NOW) == []


def test_who_pays_while_a_batch_is_read_does_not_fall(here: Flask, database: Database) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[SEPTEMBER])
    with database.reading() as session:
        rows = facts.following(session, None, 5)
    with database.transaction() as session:
        pay(session, member, NOW)
    with database.transaction() as session:
        done = recomputing._keep(session, rows, RULES, link=LINK, now=NOW)
    assert done == Batch(1, [])
    assert state_of(database, member) == "active"


def test_a_batch_asks_the_same_number_of_questions_however_many_are_in_it(
    here: Flask, database: Database
) -> None:
    asked = [0]

    def count(*_: object) -> None:
        asked[-1] += 1

    sa.event.listen(database.engine, "before_cursor_execute", count)
    try:
        for number in (1, 20):
            with database.transaction() as session:
                for each in range(number):
                    make_member(session, paid=[SEPTEMBER], email=f"{number}-{each}@example.org")
            asked.append(0)
            recompute(NOW, size=100)
            asked.append(0)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", count)
    _made, few, _more, many, _over = asked
    assert many == few


# A due is so many days old, came in some way, and something became of it. Dues of one day would
# stand in the order of their ids.
HISTORY = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.sampled_from(["card", "card", "cash", "year"]),
        st.sampled_from(["kept", "kept", "kept", "refunded", "part", "lost", "won"]),
    ),
    max_size=12,
    unique_by=lambda each: each[0],
)


def _empty(session: Session) -> None:
    for table in (MembershipEvent, OutboxMail, MemberPledge, Refund, Dispute, Payment, Member):
        session.execute(sa.delete(table))
    session.execute(sa.delete(Pledge))


def _member(
    session: Session,
    history: list[tuple[int, str, str]],
    state: str,
    ended: bool,  # noqa: FBT001 -- drawn
) -> tuple[uuid.UUID, tuple[int | None, bool]]:
    """Make a member with this history; say up to when they have paid, and if they ever did."""
    member = make_member(session, state=state, paid=[], stopped=SEPTEMBER if ended else None)
    dues = []
    for days, how, became in sorted(history, key=lambda each: -each[0]):
        at, pence = NOW - dt.timedelta(days=days), 12_000 if how == "year" else 1000
        paid = pay(session, member, at, pence=pence, cash=how != "card")
        if became in ("refunded", "part"):
            session.add(refund(paid, pence if became == "refunded" else 100))
        if became in ("lost", "won"):
            session.add(dispute(paid, became))
        months = (11 if became == "part" else 12) if how == "year" else 1
        dues.append((month_of(at), 0 if became in ("refunded", "lost") else months))
    kept = [due for due in dues if due[1]]
    return member.id, (paid_up_to(kept), bool(history))


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    histories=st.lists(
        st.tuples(HISTORY, st.sampled_from(facts.STANDS), st.booleans()), min_size=1, max_size=6
    )
)
def test_whatever_was_paid_the_dry_run_says_what_the_real_one_does(
    here: Flask, database: Database, histories: list[tuple[list[tuple[int, str, str]], str, bool]]
) -> None:
    with database.transaction() as session:
        _empty(session)
        expected = dict(_member(session, *each) for each in histories)
    with database.reading() as session:
        read = facts.following(session, None, 100)
    assert {row.id: (row.facts.paid_up_to, row.facts.has_paid) for row in read} == expected
    would = recompute(NOW, keep=False, size=2)
    assert recompute(NOW, size=4) == would
    with database.reading() as session:
        for row in read:
            assert (
                session.get_one(Member, row.id).state == standing(row.facts, RULES, now=NOW).state
            )
            reached = row.facts.paid_up_to
            if reached is not None and reached >= month_of(NOW):
                assert session.get_one(Member, row.id).state == "active"
    assert recompute(NOW) == []


@pytest.mark.parametrize(("before", "after"), [("left", "lapsed"), ("applied", "arrears")])
def test_a_change_that_cannot_be_is_refused_in_words_and_by_the_database(
    database: Database, before: str, after: str
) -> None:
    with database.transaction() as session:
        member = make_member(session, state=before)
        with pytest.raises(states.CannotBe, match=f"who is {before} cannot become {after}"):
            states.change(session, member, after, why="x", who="clock", now=NOW)
        with pytest.raises(states.CannotBe):
            states.change(session, member, before, why="x", who="clock", now=NOW)
    event = MembershipEvent(
        member_id=member.id, from_state=before, to_state=after, at=NOW, why="x", who="clock"
    )
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        session.add(event)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("rejoined", "arrears", "active"),
        ("rejoined", "left", "left"),
        ("moved", "active", "left"),
        ("state", "active", "active"),
        ("else", "active", "left"),
    ],
)
def test_the_database_refuses_events_of_a_kind_that_they_are_not(
    database: Database, kind: str, before: str, after: str
) -> None:
    with database.transaction() as session:
        member = make_member(session)
    event = MembershipEvent(
        member_id=member.id, kind=kind, from_state=before, to_state=after, at=NOW, why="", who=""
    )
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        session.add(event)
