"""Donors: the key by which those who give are told apart, and what follows when it changes."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.addresses import EmailAddress
from payments.models import AppealDonor, Pledge


def readdress(session: Session, given: Iterable[Pledge], email: EmailAddress) -> None:
    """Let what somebody gives be found, and written about, under another address.

    The pledges are locked. What was paid, when and under which name stays as it was.
    """
    for pledge in given:
        rename(session, pledge, email.key)
        pledge.email, pledge.email_key = email.text, email.key
    session.flush()


def rename(session: Session, pledge: Pledge, known_as: str) -> None:
    """Count the donor of a pledge to an appeal on under another key.

    Where somebody is counted under that key already the two stay two, for totals of the past never
    change; the first is then known by the pledge alone.
    """
    if pledge.appeal_id is None or pledge.email_key == known_as:
        return
    key, new = (f"{pledge.appeal_id}:{each}" for each in (pledge.email_key, known_as))
    if session.scalar(select(AppealDonor.id).where(AppealDonor.key == new)) is not None:
        new = f"{pledge.appeal_id}:also:{pledge.id.hex}"
    session.execute(update(AppealDonor).where(AppealDonor.key == key).values(key=new))
