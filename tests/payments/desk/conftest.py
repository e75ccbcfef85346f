"""A treasurer and a moderator at the desk, and money on it."""

import re
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.database import Database
from payments import settling
from payments.models import Payment, RefundRequest
from payments.notices import Outcome
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.staff.conftest import Desk, Person, desk

__all__ = ["desk"]
TERRY, TONI = "terry@example.org", "toni@example.org"


@pytest.fixture
def terry(desk: Desk) -> Person:
    return treasurer(desk, TERRY)


def treasurer(desk: Desk, email: str) -> Person:
    return desk.invite(email, "--role", "treasurer").arrive()


def paid(place: Desk | Database, pence: int = 2500, **but: object) -> uuid.UUID:
    """Take a gift of so much; return its payment's id."""
    database = place.database if isinstance(place, Desk) else place
    with database.transaction() as session:
        pledge = make_pledge(session, pence=pence)
        for key, value in but.items():
            setattr(pledge, key, value)
        session.flush()
        notice = replace(make_notice(pledge, Outcome.PAID), at=START)
        assert settling.apply(session, notice, rules=make_rules(), now=START) == "applied"
        return pledge.payments[0].id


def pledge_of(desk: Desk, payment_id: uuid.UUID) -> uuid.UUID:
    with desk.database.reading() as session:
        return session.get_one(Payment, payment_id).pledge_id


def asked_back(desk: Desk) -> list[int]:
    """What Stripe is to give back, in pence, each wish as often as it was kept."""
    with desk.database.reading() as session:
        return list(session.scalars(select(RefundRequest.amount_pence).order_by(RefundRequest.id)))


def words_of(page: str) -> str:
    """What a page says, without its tags and runs of spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())
