"""Money given back at the desk: once, and above a set sum by two people."""

import uuid
from collections.abc import Callable

import pytest

from core.database import Database
from payments import refunding
from payments.desk import giving_back
from payments.desk.giving_back import DecidedBefore, OneWaits, Want
from payments.models import Payment
from tests.conftest import Work
from tests.core.together import together
from tests.fakes import START, FakeGateway
from tests.members.conftest import token_in
from tests.payments.desk.conftest import TONI, asked_back, paid, treasurer, words_of
from tests.payments.factories import make_rules
from tests.staff.conftest import Desk, Person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ABOVE = 10_000


def wish_form(
    who: Person, payment_id: uuid.UUID, amount: str, why: str = "asked"
) -> dict[str, str]:
    page = who.client.get(f"/desk/money/payments/{payment_id}").text
    return {"token": token_in(page), "amount": amount, "why": why}


@ON_SQLITE
def test_a_treasurer_gives_part_of_a_gift_back_and_a_second_press_changes_nothing(
    desk: Desk, terry: Person, work: Work, gateway: FakeGateway
) -> None:
    payment_id = paid(desk)
    address = f"/desk/money/payments/{payment_id}"
    form = wish_form(terry, payment_id, "10", "asked by telephone")
    for _press in range(3):
        answer = terry.press(f"{address}/refund", **form)
        assert (answer.status_code, answer.location) == (303, address)
    assert asked_back(desk) == [1000]
    work()
    assert [order.pence for order in gateway.refunds.values()] == [1000]
    said = words_of(terry.client.get(address).text)
    assert "£25 given back in part" in said
    assert "We asked for £10 to be given back: asked by telephone." in said
    assert "£15 of it can be given back" in said
    assert ("change", "refund-asked") in desk.audit()


@ON_SQLITE
def test_above_the_sum_two_people_are_needed_and_never_twice(desk: Desk, terry: Person) -> None:
    payment_id, toni = paid(desk, 20_000), treasurer(desk, TONI)
    address = f"/desk/money/payments/{payment_id}"
    assert terry.press(f"{address}/refund", **wish_form(terry, payment_id, "60")).status_code == 303
    form = wish_form(terry, payment_id, "60")  # in two parts it is as much
    assert terry.press(f"{address}/refund", **form).status_code == 303
    assert asked_back(desk) == [6000]
    page = terry.client.get(address).text
    assert "has to agree before the money goes" in words_of(page)
    assert "Agree: give it back" not in page
    again = terry.press(f"{address}/refund", token=form["token"], amount="99", why="other words")
    assert again.status_code == 303  # the form that made the wish shows what became of it
    with desk.database.reading() as session:
        ((wish, _payment),) = giving_back.every_waiting(session)
    own = terry.press(f"/desk/money/refunds/{wish.id}/confirm")
    assert (own.status_code, "somebody else has to agree" in own.text) == (409, True)
    assert f"asked by {terry.email}" in words_of(toni.client.get("/desk/money/refunds").text)
    for _press in range(2):
        assert toni.press(f"/desk/money/refunds/{wish.id}/confirm").status_code == 303
    stale = terry.press(f"/desk/money/refunds/{wish.id}/refuse")
    assert (stale.status_code, "agreed to already" in stale.text) == (409, True)
    assert asked_back(desk) == [6000, 6000]
    assert "A second person agreed" in terry.client.get(address).text


@ON_SQLITE
def test_what_cannot_be_given_back_is_said_and_nothing_typed_is_lost(
    desk: Desk, terry: Person
) -> None:
    payment_id = paid(desk)
    address = f"/desk/money/payments/{payment_id}/refund"
    for amount, why, said in (
        ("", "because", "Enter an amount in pounds."),
        ("0", "because", "Enter more than nothing."),
        ("-5", "because", "such as 10 or 12.50"),
        ("25.01", "because", "£25 of it can be given back."),
        ("5", " ", "Give a reason"),
        ("5", "x" * 301, "300 characters at most"),
    ):
        form = wish_form(terry, payment_id, amount, why)
        answer = terry.press(address, **form)
        assert (answer.status_code, said in answer.text) == (422, True), (amount, said)
        assert f'value="{why.strip()}"' in answer.text or amount
    form = wish_form(terry, payment_id, "5")
    assert terry.press(address, **{**form, "token": "rubbish"}).status_code == 422
    other = wish_form(terry, paid(desk), "5")
    assert terry.press(address, **{**form, "token": other["token"]}).status_code == 422
    assert terry.press(f"/desk/money/payments/{uuid.uuid4()}/refund", **form).status_code == 404
    assert asked_back(desk) == []


def test_two_who_ask_and_two_who_decide_at_one_moment_give_back_once(database: Database) -> None:
    payment_id = paid(database, 30_000)
    terry, toni, kim = (uuid.uuid4() for _each in range(3))

    def ask(who: uuid.UUID) -> Callable[[], str]:
        want = Want(payment_id, None, "asked", uuid.uuid4().hex, who)

        def press() -> str:
            try:
                with database.transaction() as session:
                    return giving_back.ask(
                        session, want, above=ABOVE, rules=make_rules(), now=START
                    ).state
            except (OneWaits, refunding.NotRefundable) as error:
                return type(error).__name__

        return press

    assert sorted(together(ask(terry), ask(terry))) == ["OneWaits", "waiting"]
    with database.reading() as session:
        wish = giving_back.waiting(session, payment_id)
    assert wish is not None

    def decide(who: uuid.UUID, *, agrees: bool) -> Callable[[], str]:
        def press() -> str:
            try:
                with database.transaction() as session:
                    if not agrees:
                        return giving_back.refuse(session, wish.id, who=who, now=START).state
                    rules = make_rules()
                    return giving_back.confirm(
                        session, wish.id, who=who, rules=rules, now=START
                    ).state
            except DecidedBefore as error:
                return f"told {error.state}"

        return press

    heard = together(decide(toni, agrees=True), decide(kim, agrees=True))
    assert sorted(heard) == ["granted", "told granted"]
    with database.reading() as session:
        assert refunding.left_pence(session, session.get_one(Payment, payment_id)) == 0
    assert ask(terry)() == "NotRefundable"
