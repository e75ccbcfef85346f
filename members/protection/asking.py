"""Requests and complaints: kept as they come, with the day by which the law wants them answered.

The answer to who asks is the same whether we know them or not, and nothing is done by itself: the
office makes sure who it is, then exports or erases.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import clock, outbox
from core.addresses import EmailAddress
from core.clock import LONDON, day_in_london
from core.database import insert_once, transaction
from members.protection.models import PrivacyRequest
from members.protection.registry import registry
from payments.law import figures
from payments.monthly import calendar

EVERY = dt.timedelta(hours=6)
REMIND_BEFORE = dt.timedelta(days=7)
COMPLAINT = "complaint"


class TooLateToExtend(ValueError):
    """The day has passed by which its sender had to be told, or it is nothing to be extended."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How long there is to do what the law asks next: days left, below 0 when it is late.

    None where nothing more is asked by a day. `soon` is from when the office is reminded.
    """

    days: int | None

    @property
    def late(self) -> bool:
        """Whether the day has passed."""
        return self.days is not None and self.days < 0

    @property
    def soon(self) -> bool:
        """Whether the day is near."""
        return self.days is not None and 0 <= self.days <= REMIND_BEFORE.days


class NoSuchRequest(LookupError):
    """There is no request of this number, or what is asked of it is done already."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for on the form."""

    kind: str
    name: str
    email: EmailAddress
    message: str


def due_on(kind: str, asked_on: dt.date) -> dt.date:
    """Return the last day to answer a request, or to confirm a complaint; by the law of that day.

    A month ends on the day of the same number, or on the last of a shorter month (UK GDPR, article
    12(3)); a complaint is to be acknowledged within some days (DPA 2018, section 164A).
    """
    if kind == COMPLAINT:
        return asked_on + dt.timedelta(
            days=figures.figure("complaint_acknowledge_days", asked_on).value
        )
    begun = dt.datetime.combine(asked_on, dt.time(), LONDON)
    return calendar.later(begun, figures.figure("rights_request_months", asked_on).value).date()


def clock_of(found: PrivacyRequest, today: dt.date) -> Clock:
    """Return the clock of a request on a day; of a complaint it stops when receipt is confirmed."""
    met = found.done_at or (found.confirm_by and found.confirmed_at)
    return Clock(None if met else (found.due_on - today).days)


def could_wait_until(found: PrivacyRequest, today: dt.date) -> dt.date | None:
    """Return until when a request could be extended on a day; None where it cannot be.

    By two further months, where its sender is told why within the first (UK GDPR, article 12(3)).
    """
    over = found.done_at or found.extended_at or found.kind == COMPLAINT
    if over or today > found.due_on:
        return None
    begun = dt.datetime.combine(found.asked_on, dt.time(), LONDON)
    names = ("rights_request_months", "rights_request_extension_months")
    months = sum(figures.figure(name, found.asked_on).value for name in names)
    return calendar.later(begun, months).date()


def ask(session: Session, asked: Asked, *, form_nonce: str, office: str, now: dt.datetime) -> None:
    """Keep a request and tell the office, once however often the form is sent."""
    today = day_in_london(now)
    due = due_on(asked.kind, today)
    row = {
        "kind": asked.kind,
        "name": asked.name,
        "email": asked.email.text,
        "email_key": asked.email.key,
        "message": asked.message,
        "form_nonce": form_nonce,
        "asked_at": now,
        "asked_on": today,
        "due_on": due,
        "confirm_by": due if asked.kind == COMPLAINT else None,
    }
    if not insert_once(session, PrivacyRequest, row, unique="form_nonce"):
        return
    made = session.scalars(
        select(PrivacyRequest).where(PrivacyRequest.form_nonce == form_nonce)
    ).one()
    _tell(session, made, office, f"privacy-request:{made.id}", now)


def waiting(session: Session) -> Sequence[PrivacyRequest]:
    """Return what is not done, what is due first at the top."""
    open_ones = select(PrivacyRequest).where(PrivacyRequest.done_at.is_(None))
    return session.scalars(open_ones.order_by(PrivacyRequest.due_on, PrivacyRequest.id)).all()


def done_last(session: Session, *, most: int = 20) -> Sequence[PrivacyRequest]:
    """Return what was done last, the newest first."""
    done = select(PrivacyRequest).where(PrivacyRequest.done_at.is_not(None))
    return session.scalars(done.order_by(PrivacyRequest.done_at.desc()).limit(most)).all()


def confirm(session: Session, number: int, *, now: dt.datetime) -> bool:
    """Note that its sender was told that we have it; the first time counts. Say whether this is it.

    Raises:
        NoSuchRequest: there is none.
    """
    found = session.get(PrivacyRequest, number, with_for_update=True, populate_existing=True)
    if found is None:
        raise NoSuchRequest
    new = found.confirmed_at is None
    found.confirmed_at = found.confirmed_at or now
    return new


def extend(session: Session, number: int, *, why: str, now: dt.datetime) -> bool:
    """Note that the sender of a request was told that it takes longer, and why.

    Say whether that is news: the same words sent again change nothing.

    Raises:
        NoSuchRequest: there is none.
        TooLateToExtend: it cannot be extended (any more).
    """
    found = session.get(PrivacyRequest, number, with_for_update=True, populate_existing=True)
    if found is None:
        raise NoSuchRequest
    if found.extended_at is not None and found.extended_why == why:
        return False
    until = could_wait_until(found, day_in_london(now))
    if until is None:
        raise TooLateToExtend
    found.due_on, found.extended_at, found.extended_why = until, now, why
    found.reminded_at, found.confirmed_at = None, found.confirmed_at or now
    session.flush()
    return True


def finish(session: Session, number: int, *, outcome: str, now: dt.datetime) -> bool:
    """Note what came of a request; say whether that is news, as for `extend`.

    Raises:
        NoSuchRequest: there is none, or it is done.
    """
    found = session.get(PrivacyRequest, number, with_for_update=True, populate_existing=True)
    if found is not None and found.done_at is not None and found.outcome == outcome:
        return False
    if found is None or found.done_at is not None:
        raise NoSuchRequest
    found.done_at, found.outcome = now, outcome
    found.confirmed_at = found.confirmed_at or now
    session.flush()
    return True


def remind(session: Session, *, office: str, now: dt.datetime) -> int:
    """Tell the office once of each request that is due within a week; say of how many."""
    soon = day_in_london(now + REMIND_BEFORE)
    unconfirmed = or_(PrivacyRequest.kind != COMPLAINT, PrivacyRequest.confirmed_at.is_(None))
    due = select(PrivacyRequest).where(
        PrivacyRequest.done_at.is_(None),
        PrivacyRequest.due_on <= soon,
        PrivacyRequest.reminded_at.is_(None),
        unconfirmed,
    )
    found = session.scalars(due.with_for_update(skip_locked=True)).all()
    for each in found:
        each.reminded_at = now
        again = f":{each.due_on}" if each.extended_at else ""
        _tell(session, each, office, f"privacy-due:{each.id}{again}", now)
    return len(found)


def remind_due() -> int:
    """Remind the office of the running application; nothing is left to do afterwards."""
    with transaction() as session:
        remind(session, office=registry().office_email, now=clock.now())
    return 0


def _tell(session: Session, found: PrivacyRequest, office: str, key: str, now: dt.datetime) -> None:
    """Write to the office; who asks, and what, is not in the letter."""
    values = {"number": found.id, "kind": found.kind, "due_on": found.due_on.isoformat()}
    template = key.partition(":")[0].replace("-", "_")
    outbox.mail(session, template, key=key, to=office, values=values, now=now)
