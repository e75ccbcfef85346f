"""What the books would not take: it waits for a person, and is settled once, with a reason."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from payments import settling
from payments.desk import figures, holding
from payments.desk.holding import NotHeld
from payments.models import FraudWarning, HeldSettlement, Payment, Pledge, WebhookEvent
from payments.notices import Outcome
from tests.databases import ON_ONE
from tests.fakes import START
from tests.members.conftest import token_in
from tests.payments.desk.conftest import asked_back, paid, words_of
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.staff.conftest import Desk, Person

LATER = START + dt.timedelta(hours=1)


def held(session: Session) -> Pledge:
    """Let Stripe tell of another amount than was agreed to."""
    pledge = make_pledge(session)
    notice = replace(make_notice(pledge, Outcome.PAID), pence=1)
    assert settling.apply(session, notice, rules=make_rules(), now=START) == "held"
    told = WebhookEvent(
        event_id=f"evt_{pledge.id.hex}",
        type="checkout.session.completed",
        livemode=False,
        created=START,
        received_at=START,
        raw=b"{}",
        pledge_id=pledge.id,
        outcome="held",
    )
    session.add(told)
    session.flush()
    return pledge


def said(pledge: Pledge, decision: str, because: str = "amount") -> HeldSettlement:
    return HeldSettlement(
        pledge_id=pledge.id, because=because, decision=decision, why="given back", who="terry"
    )


@ON_ONE
def test_what_is_held_is_put_right_once_and_with_a_reason(desk: Desk, terry: Person) -> None:
    with desk.database.transaction() as session:
        pledge = held(session)
    assert "1 payment is held" in words_of(terry.client.get("/desk/money").text)
    page = words_of(terry.client.get("/desk/money/held").text)
    assert "Stripe took another amount" in page
    assert "£10" in page
    address = f"/desk/money/held/{pledge.id}"
    assert terry.press(address, because="amount").status_code == 422
    unknown = terry.press(address, because="amount", decision="keep it", why="x")
    assert unknown.status_code == 422
    right = {"decision": "put-right", "why": "given back at Stripe", "because": "amount"}
    assert terry.press(address, **{**right, "because": "mode"}).status_code == 409
    for _press in range(2):
        assert terry.press(address, **right).status_code == 303
    assert terry.press(address, **{**right, "decision": "look-again"}).status_code == 409
    assert terry.press(f"/desk/money/held/{uuid.uuid4()}", **right).status_code == 404
    assert "Nothing is held." in terry.client.get("/desk/money/held").text
    with desk.database.reading() as session:
        (kept,) = session.scalars(select(HeldSettlement))
        assert (kept.why, kept.because) == ("given back at Stripe", "amount")
        assert session.get_one(Pledge, pledge.id).state == "not-taken"
        assert session.scalars(select(WebhookEvent.outcome)).all() == ["put-right"]
        assert session.scalar(select(Payment.id)) is None  # nothing is booked by it
    assert ("change", "held-put-right") in desk.audit()


def test_what_is_looked_at_again_is_booked_or_held_again(session: Session) -> None:
    pledge = held(session)
    assert holding.settle(session, said(pledge, "look-again"), now=LATER)
    assert (pledge.held_because, pledge.state) == (None, "pending")
    assert session.scalars(select(WebhookEvent.due_at)).one() == LATER
    assert not holding.settle(session, said(pledge, "look-again"), now=LATER)
    wrong = replace(make_notice(pledge, Outcome.PAID), pence=1)
    assert settling.apply(session, wrong, rules=make_rules(), now=LATER) == "held"
    with pytest.raises(NotHeld):
        holding.settle(session, said(pledge, "put-right", "mode"), now=LATER)
    holding.settle(session, said(pledge, "look-again"), now=LATER)
    right = make_notice(pledge, Outcome.PAID)
    assert settling.apply(session, right, rules=make_rules(), now=LATER) == "applied"
    assert holding.count(session) == 0
    row = {"pledge_id": pledge.id, "because": "x", "decision": "put-right", "who": "x", "at": LATER}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(HeldSettlement).values(why="", **row))


@ON_ONE
def test_a_warning_of_fraud_waits_until_something_comes_of_it(desk: Desk, terry: Person) -> None:
    payment_id = paid(desk)
    warning = FraudWarning(
        payment_id=payment_id, stripe_warning="issfr_1", kind="stolen_card", warned_at=START
    )
    with desk.database.transaction() as session:
        session.add(warning)
    assert "1 warning of fraud" in words_of(terry.client.get("/desk/money").text)
    assert "stolen card" in terry.client.get("/desk/money/disputes").text
    address = f"/desk/money/payments/{payment_id}"
    page = terry.client.get(address).text
    assert "do it today" in page
    form = {"token": token_in(page), "amount": "25", "why": "warned"}
    assert terry.press(f"{address}/refund", **form).status_code == 303
    assert asked_back(desk) == [2500]
    with desk.database.reading() as session:
        assert figures.waiting(session).warnings == 0
    assert "do it today" not in terry.client.get(address).text
