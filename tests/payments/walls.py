"""Messages on the wall, and waiting for it, made up for tests."""

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from payments import settling
from payments.models import Pledge
from payments.notices import Outcome
from payments.wall import deciding
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules

WHO = "Mo the moderator"


def message(session: Session, text: str = "Solidarity!", **but: object) -> Pledge:
    """Make a pledge with a message, not paid yet."""
    pledge = make_pledge(session)
    values = {"message": text, "name": "Sam Jones", "display": "full", **but}
    for key, value in values.items():
        setattr(pledge, key, value)
    session.flush()
    return pledge


def pay(session: Session, pledge: Pledge, at: dt.datetime = START) -> Pledge:
    notice = replace(make_notice(pledge, Outcome.PAID), at=at)
    assert settling.apply(session, notice, rules=make_rules(), now=START) == "applied"
    return pledge


def shown(session: Session, text: str = "Solidarity!", **but: object) -> Pledge:
    """Make a message that is paid and approved."""
    at = but.pop("at", START)
    assert isinstance(at, dt.datetime)
    pledge = pay(session, message(session, text, **but), at)
    assert deciding.approve(session, pledge.id, who=WHO, now=START)
    return pledge
