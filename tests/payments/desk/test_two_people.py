"""What takes two people above the set sum: undoing an entry at the desk, and either by command."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments import explaining, settling
from payments.desk import giving_back
from payments.desk.giving_back import DecidedBefore, SamePerson, Want
from payments.models import Payment, Refund, RefundWish
from payments.notices import Outcome
from payments.offline import undoing
from payments.offline.undoing import AlreadyUndone
from payments.refunding import NotRefundable
from tests.databases import ON_ONE
from tests.fakes import START
from tests.members.conftest import token_in
from tests.payments.desk.conftest import TONI, asked_back, paid, treasurer, words_of
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.offline.kit import enter, make_fund
from tests.payments.test_money_that_comes_back import dispute_of
from tests.staff.conftest import Desk, Person

TERRY_ID, TONI_ID = uuid.uuid4(), uuid.uuid4()
ABOVE = 10_000


def entry(desk: Desk, amount: str) -> uuid.UUID:
    with desk.database.transaction() as session:
        return enter(session, amount=amount, appeal="fighting-fund").id


def undone(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [each.reason or "" for each in session.scalars(select(Refund))]


def run(app: Flask, *args: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["payments", *args])
    return result.exit_code, result.output


@ON_ONE
def test_an_entry_above_the_sum_is_undone_when_a_second_person_agrees(
    desk: Desk, terry: Person
) -> None:
    toni = treasurer(desk, TONI)
    payment_id = entry(desk, "150")
    address = f"/desk/money/payments/{payment_id}"
    token = token_in(terry.client.get(address).text)
    for _press in range(2):
        answer = terry.press(f"{address}/undo", token=token, why="entered twice")
        assert (answer.status_code, answer.location) == (303, address)
    stale = token_in(toni.client.get("/desk/money/payments/" + str(paid(desk))).text)
    assert toni.press(f"{address}/undo", token=stale, why="x").status_code == 422
    assert undone(desk) == []
    said = words_of(terry.client.get(address).text)
    assert f"{terry.email} asked for this entry to be undone: entered twice" in said
    assert "before anything is booked" in said
    with desk.database.reading() as session:
        ((wish, _payment),) = giving_back.every_waiting(session)
    confirm = f"/desk/money/refunds/{wish.id}/confirm"
    assert terry.press(confirm).status_code == 409
    assert "Agree: undo it" in toni.client.get("/desk/money/refunds").text
    for _press in range(2):
        assert toni.press(confirm).status_code == 303
    assert undone(desk) == ["entered twice"]
    assert asked_back(desk) == []  # nothing is asked of Stripe
    story = words_of(toni.client.get(address).text)
    assert "A second person agreed" in story
    assert ("change", "offline-undo-asked") in desk.audit()


def test_an_entry_is_undone_once_whoever_agrees_and_how_often(session: Session) -> None:
    payment = enter(session, amount="150", appeal=make_fund(session).slug)
    want = Want(payment.id, None, "slip", "n1", TERRY_ID, past_stripe=True)
    wish = giving_back.ask(session, want, above=ABOVE, rules=make_rules(), now=START)
    assert (wish.state, wish.needs_second) == ("waiting", True)
    with pytest.raises(SamePerson):
        giving_back.confirm(session, wish.id, who=TERRY_ID, rules=make_rules(), now=START)
    small = enter(session, amount="100", appeal="fund")
    want = Want(small.id, None, "slip", "n2", TERRY_ID, past_stripe=True)
    at_once = giving_back.ask(session, want, above=ABOVE, rules=make_rules(), now=START)
    assert (at_once.state, at_once.refund_id is not None) == ("granted", True)
    again = Want(small.id, None, "slip", "n3", TERRY_ID, past_stripe=True)
    with pytest.raises(AlreadyUndone):
        giving_back.ask(session, again, above=ABOVE, rules=make_rules(), now=START)
    granted = giving_back.confirm(session, wish.id, who=TONI_ID, rules=make_rules(), now=START)
    assert granted.state == "granted"
    with pytest.raises(DecidedBefore):
        giving_back.confirm(session, wish.id, who=TONI_ID, rules=make_rules(), now=START)
    assert [each.amount_pence for each in session.scalars(select(Refund))] == [10_000, 15_000]


@ON_ONE
def test_a_command_gives_back_more_than_the_sum_by_nobody_alone(
    desk: Desk, terry: Person, app: Flask
) -> None:
    payment_id = str(paid(desk, 20_000))
    refund = ("refund", payment_id, "--why", "asked by telephone")
    code, said = run(app, *refund)
    assert (code, "takes two people" in said) == (1, True)
    assert run(app, *refund, "--by", "nobody@example.org")[0] == 1
    assert run(app, *refund, "--by", "no address")[0] == 1
    assert run(app, *refund, "--amount", "60")[0] == 0  # as ever, up to the sum
    code, said = run(app, *refund, "--amount", "60", "--by", terry.email)
    assert (code, "£60 waits for a second person" in said) == (0, True)
    code, said = run(app, *refund, "--amount", "60", "--by", terry.email)
    assert (code, "waits at the desk already" in said) == (1, True)
    assert asked_back(desk) == [6000]
    entered = str(entry(desk, "150"))
    undo = ("offline", "undo", entered, "--why", "entered twice")
    assert run(app, *undo)[0] == 1
    code, said = run(app, *undo, "--by", terry.email, "--on", "2026-11-21")
    assert code == 2
    assert run(app, *undo, "--by", terry.email)[0] == 0
    with desk.database.reading() as session:
        waits = session.scalars(select(RefundWish.amount_pence).order_by(RefundWish.amount_pence))
        assert list(waits) == [6000, 15_000]
        assert session.scalar(select(Refund.id)) is None
        story = explaining.explain_one(session, session.get_one(Payment, uuid.UUID(payment_id)))
    assert "refund_wished" in {step.kind for step in story.steps}


@ON_ONE
def test_what_changes_while_a_wish_waits_is_told_and_the_wish_can_be_refused(
    session: Session,
) -> None:
    rules = make_rules()
    entered = enter(session, amount="150", appeal=make_fund(session).slug)
    want = Want(entered.id, None, "slip", "n1", TERRY_ID, past_stripe=True)
    by_hand = giving_back.ask(session, want, above=ABOVE, rules=rules, now=START)
    undoing.undo(session, entered.id, why="the bank took it", rules=rules, now=START)
    with pytest.raises(AlreadyUndone):
        giving_back.confirm(session, by_hand.id, who=TONI_ID, rules=rules, now=START)
    pledge = make_pledge(session, pence=20_000)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=rules, now=START)
    want = Want(pledge.payments[0].id, None, "asked", "n2", TERRY_ID)
    of_stripe = giving_back.ask(session, want, above=ABOVE, rules=rules, now=START)
    settling.apply(session, dispute_of(pledge), rules=rules, now=START)
    with pytest.raises(NotRefundable, match="disputed"):
        giving_back.confirm(session, of_stripe.id, who=TONI_ID, rules=rules, now=START)
    for wish in (by_hand, of_stripe):
        refused = giving_back.refuse(session, wish.id, who=TONI_ID, now=START)
        assert (refused.state, refused.request_id, refused.refund_id) == ("refused", None, None)
    assert len(session.scalars(select(Refund)).all()) == 1
