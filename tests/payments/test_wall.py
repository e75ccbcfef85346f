"""What the wall shows: every state of a message against every state of its payment."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Delete, Update, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from payments.models import MessageDecision, Pledge, WallEntry
from payments.notices import DisputeState, Notice, Outcome, RefundState
from payments.wall import deciding, showing
from payments.wall.naming import shown as name_shown
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge
from tests.payments.test_money_that_comes_back import LATER, dispute_of, refund_of, tell
from tests.payments.test_settling import invoice
from tests.payments.walls import WHO, message, pay, shown
from tests.postgres import ONLY_GROWS

AFTER = LATER + dt.timedelta(days=1)


def refund(pence: int, name: str = "re", **but: object) -> Callable[[Pledge], RefundState]:
    return lambda pledge: refund_of(pledge, pence, refund=f"{name}_{pledge.id}", **but)


def dispute(status: str, name: str = "du", **but: object) -> Callable[[Pledge], DisputeState]:
    return lambda pledge: dispute_of(pledge, status=status, dispute=f"{name}_{pledge.id}", **but)


NOT_PAID: dict[str, list[Outcome]] = {
    "pending": [],
    "open": [Outcome.OPEN],
    "confirming": [Outcome.SETTLING],
    "not taken": [Outcome.EXPIRED],
    "failed": [Outcome.SETTLING, Outcome.FAILED],
}
STANDS: dict[str, list[Callable[[Pledge], Notice]]] = {
    "paid": [],
    "part-refunded": [refund(300)],
    "all but a penny refunded": [refund(999)],
    "refund failed": [refund(1000), refund(1000, status="failed", at=AFTER)],
    "refund cancelled": [refund(1000, status="pending"), refund(1000, status="canceled")],
    "asked about": [dispute("warning_needs_response")],
    "asked about, closed": [dispute("warning_needs_response"), dispute("warning_closed")],
    "won": [dispute("needs_response"), dispute("won")],
    "lost, then won": [dispute("lost"), dispute("won")],
    "prevented": [dispute("prevented")],
}
GONE: dict[str, list[Callable[[Pledge], Notice]]] = {
    "refunded": [refund(1000)],
    "refund under way": [refund(1000, status="pending")],
    "refunded in two parts": [refund(400), refund(600, name="re_2")],
    "disputed": [dispute("needs_response")],
    "under review": [dispute("under_review")],
    "lost": [dispute("needs_response"), dispute("lost")],
    "part-refunded and disputed": [refund(300), dispute("needs_response", pence=700)],
    "won once and disputed again": [
        dispute("needs_response"),
        dispute("won"),
        dispute("needs_response", name="du_2"),
    ],
}
DECISIONS = {
    "undecided": "",
    "approved": "a",
    "hidden": "h",
    "approved, undone": "au",
    "hidden, undone": "hu",
    "hidden, approved": "ha",
    "approved, hidden": "ah",
    "undone, approved": "aua",
}


def decide(session: Session, pledge: Pledge, how: str) -> None:
    for letter in how:
        if letter == "a":
            deciding.approve(session, pledge.id, who=WHO, now=AFTER)
        elif letter == "h":
            deciding.hide(session, pledge.id, why="rude", who=WHO, now=AFTER)
        else:
            deciding.undo(session, pledge.id, who=WHO, now=AFTER)


def seen(session: Session, pledge: Pledge) -> list[str]:
    assert pledge.appeal_id is not None
    return [each.text for each in showing.page(session, pledge.appeal_id).messages]


def waiting(session: Session) -> list[uuid.UUID]:
    return [each.pledge_id for each in showing.queue(session, most=9)]


@pytest.mark.parametrize("state", [*STANDS, *GONE])
@pytest.mark.parametrize("first", ["decision", "money"])
def test_a_message_is_seen_when_it_is_approved_and_the_gift_stands(
    session: Session, state: str, first: str
) -> None:
    pledges = {name: pay(session, message(session, name)) for name in DECISIONS}
    for step in ("decision", "money") if first == "decision" else ("money", "decision"):
        for name, pledge in pledges.items():
            if step == "decision":
                decide(session, pledge, DECISIONS[name])
            else:
                tell(session, *(each(pledge) for each in {**STANDS, **GONE}[state]))
    stands = state in STANDS
    approved = {name for name, how in DECISIONS.items() if how.endswith("a")}
    undecided = {name for name, how in DECISIONS.items() if how == "" or how.endswith("u")}
    assert set(seen(session, pledges["approved"])) == (approved if stands else set())
    assert showing.anything(session, "fund") is stands
    assert {(each.text, each.stands) for each in showing.queue(session, most=9)} == {
        (name, stands) for name in undecided
    }


@pytest.mark.parametrize("state", NOT_PAID)
def test_a_message_is_held_until_the_money_is_confirmed(session: Session, state: str) -> None:
    pledge = message(session)
    for outcome in NOT_PAID[state]:
        tell(session, make_notice(pledge, outcome))
    for how in "ahu":
        with pytest.raises(deciding.NotPaidYet):
            decide(session, pledge, how)
    assert (seen(session, pledge), waiting(session)) == ([], [])
    assert session.scalars(select(MessageDecision)).all() == []


def test_a_message_whose_amount_does_not_match_is_held(session: Session) -> None:
    pledge = message(session)
    tell(session, make_notice(pledge, Outcome.PAID, pence=1))
    with pytest.raises(deciding.NotPaidYet):
        decide(session, pledge, "a")
    assert waiting(session) == []


@pytest.mark.parametrize("told", [(1, 2), (2, 1)], ids=["in order", "the second month first"])
def test_only_the_first_month_decides_about_a_monthly_givers_message(
    session: Session, told: tuple[int, int]
) -> None:
    pledge = make_pledge(session, kind="monthly")
    pledge.message, pledge.display = "Every month", "anonymous"
    for number in told:
        paid = START + dt.timedelta(days=30 * (number - 1))
        paid_then = replace(invoice(pledge, number), payment_intent=f"pi_{number}", paid_at=paid)
        tell(session, paid_then)
    deciding.approve(session, pledge.id, who=WHO, now=AFTER)
    tell(session, refund_of(pledge, 1000, payment_intent="pi_2"))
    assert seen(session, pledge) == ["Every month"]
    tell(session, refund_of(pledge, 1000, payment_intent="pi_1", refund="re_2"))
    assert seen(session, pledge) == []


@pytest.mark.parametrize("kind", ["none", "dues", "unknown"])
def test_what_is_no_message_cannot_be_decided_on(session: Session, kind: str) -> None:
    pledge = make_pledge(session, kind="dues" if kind == "dues" else "donation")
    pledge.message = "" if kind == "none" else "Dues with words"
    some_id = uuid.uuid4() if kind == "unknown" else pledge.id
    with pytest.raises(deciding.NoSuchMessage):
        deciding.approve(session, some_id, who=WHO, now=START)
    assert waiting(session) == []


def test_a_decision_made_again_changes_nothing_and_each_change_is_kept(session: Session) -> None:
    pledge = pay(session, message(session))
    told = [
        deciding.undo(session, pledge.id, who=WHO, now=START),
        deciding.approve(session, pledge.id, who=WHO, now=START),
        deciding.approve(session, pledge.id, who="Another", now=AFTER),
        deciding.hide(session, pledge.id, why="rude", who=WHO, now=AFTER),
        deciding.hide(session, pledge.id, why="ruder", who=WHO, now=AFTER),
        deciding.undo(session, pledge.id, who=WHO, now=AFTER),
        deciding.undo(session, pledge.id, who=WHO, now=AFTER),
    ]
    assert told == [False, True, False, True, False, True, False]
    kept = session.scalars(select(MessageDecision).order_by(MessageDecision.id)).all()
    assert [(each.decision, each.why, each.who, each.at) for each in kept] == [
        ("approve", "", WHO, START),
        ("hide", "rude", WHO, AFTER),
        ("undo", "", WHO, AFTER),
    ]
    assert session.get(WallEntry, pledge.id) is None


@pytest.mark.parametrize(
    "change", [update(MessageDecision).values(why="x"), delete(MessageDecision)]
)
def test_a_decision_that_was_made_is_never_changed(
    session: Session, change: Update | Delete
) -> None:
    shown(session)
    with pytest.raises(DBAPIError, match=ONLY_GROWS), session.begin_nested():
        session.execute(change)


def test_a_message_keeps_its_public_id_which_does_not_tell_the_gifts(session: Session) -> None:
    pledge = shown(session)
    assert pledge.appeal_id is not None
    (first,) = showing.page(session, pledge.appeal_id).messages
    decide(session, pledge, "ua")
    (again,) = showing.page(session, pledge.appeal_id).messages
    assert first.id == again.id != pledge.id
    assert again.changed_at == AFTER


def test_a_message_that_was_emptied_is_gone(session: Session) -> None:
    pledge = shown(session)
    pledge.message = ""
    session.flush()
    assert seen(session, pledge) == []


def test_a_wall_is_that_of_its_own_appeal(session: Session) -> None:
    pledge = shown(session)
    assert pledge.appeal_id is not None
    assert showing.page(session, pledge.appeal_id + 1).messages == []
    assert not showing.anything(session, "another")


@pytest.mark.parametrize("apart", [0, 1], ids=["all in one second", "a second apart"])
def test_pages_follow_one_another_and_leave_nothing_out(session: Session, apart: int) -> None:
    many = 2 * showing.A_PAGE + 5
    pledges = [
        shown(session, str(number), at=START + dt.timedelta(seconds=number * apart))
        for number in range(many)
    ]
    tell(session, refund_of(pledges[30], 1000))
    appeal_id = pledges[0].appeal_id
    assert appeal_id is not None
    pages, cursor = [], None
    while True:
        found = showing.page(session, appeal_id, before=cursor)
        pages.append([int(each.text) for each in found.messages])
        if found.older is None:
            break
        cursor = showing.Cursor.parse(str(found.older))
    assert [len(each) for each in pages] == [20, 20, 4]
    flat = [number for each in pages for number in each]
    assert sorted(flat) == [number for number in range(many) if number != 30]
    if apart:
        assert flat == sorted(flat, reverse=True)


def test_a_page_does_not_move_while_new_messages_come(session: Session) -> None:
    pledges = [
        shown(session, str(number), at=START + dt.timedelta(seconds=number)) for number in range(25)
    ]
    assert pledges[0].appeal_id is not None
    older = showing.page(session, pledges[0].appeal_id).older
    shown(session, "new", at=AFTER)
    found = showing.page(session, pledges[0].appeal_id, before=older)
    assert [each.text for each in found.messages] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    "text",
    ["", "1", "-", "x" * 5000, f"1-{'g' * 32}", f"{'9' * 18}-{'0' * 32}", f"٣-{'0' * 32}", "1-\0"],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(showing.NotACursor):
        showing.Cursor.parse(text)


def test_a_cursor_of_any_time_can_be_asked_for(session: Session) -> None:
    pledge = shown(session)
    assert pledge.appeal_id is not None
    for moment, many in (("0", 0), ("9" * 17, 1)):
        cursor = showing.Cursor.parse(f"{moment}-{'0' * 32}")
        found = showing.page(session, pledge.appeal_id, before=cursor)
        assert len(found.messages) == many


def test_the_queue_begins_with_the_oldest_and_keeps_to_its_length(session: Session) -> None:
    pledges = [pay(session, message(session, str(number))) for number in range(4)]
    for number, pledge in enumerate(pledges):
        pledge.created_at = START - dt.timedelta(hours=number)
    session.flush()
    assert [each.text for each in showing.queue(session, most=3)] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("name", "display", "found"),
    [
        ("Sam Jones", "full", "Sam Jones"),
        ("Sam Jones", "first", "Sam"),
        ("Sam Jones", "anonymous", None),
        ("Sam Jones", "", None),
        ("Sam", "first", "Sam"),
        ("Jones, Sam", "first", "Sam"),
        ("Sam Jones, Leeds", "first", "Sam"),
        ("Jones,", "first", "Jones"),
        ("Dr. Sam Jones", "first", "Sam"),
        ("Rev Dr Sam Jones", "first", "Sam"),
        ("Ms Jones", "first", None),
        ("Comrade", "first", None),
        ("Siân Lloyd-Jones", "first", "Siân"),
        ("محمد علي", "first", "محمد"),
        ("山田\u3000太郎", "first", "山田"),
        ("", "full", None),
    ],
)
def test_a_giver_is_named_as_they_chose(name: str, display: str, found: str | None) -> None:
    assert name_shown(name, display) == found
