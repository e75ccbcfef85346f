"""Watching: is this an attack? Kept in the database, so that all processes agree.

An attack is seen by cards that are declined, more than a ratio and more than a number of them; or
by a rush, more attempts than we take in all. It is over when both have been low for a while: at
half of what it is seen by, so that it does not go on and off about the line.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import outbox
from core.clock import LONDON
from core.database import insert_once
from core.defence import Defence
from payments.models import DeclinedTry, DefenceChange, DefenceState, Payment
from payments.notices import PaymentDeclined

_log = logging.getLogger(__name__)
_ITSELF = "the service"
_ONE = 1
_KEPT = dt.timedelta(days=30)  # what was declined, for an operator to look back on
# How often what is still hot is noted again; calm is counted in minutes.
_NOTED_EVERY = dt.timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class State:
    """How the defence stands: what the operator said, and the attack that is on, if one is."""

    mode: str = "auto"
    attack_since: dt.datetime | None = None
    because: str | None = None

    @property
    def everybody(self) -> bool:
        """Whether everybody is asked to prove themselves."""
        return self.mode == "on" or (self.mode == "auto" and self.attack_since is not None)


@dataclass(frozen=True, slots=True)
class Figures:
    """Cards declined and payments taken on our payment pages, over the same time."""

    declines: int
    payments: int

    @property
    def percent(self) -> int:
        """How many in a hundred were declined."""
        both = self.declines + self.payments
        return 100 * self.declines // both if both else 0

    def reach(self, limits: Defence, parts: int = 1) -> bool:
        """Whether both ratio and number are at a limit, or at one of so many parts of it."""
        return (
            self.declines > 0
            and self.declines * parts >= limits.declines_at_least
            and self.percent * parts >= limits.decline_percent
        )


def note(session: Session, notice: PaymentDeclined) -> bool:
    """Count a card that was declined, once; say whether it is news."""
    return insert_once(session, DeclinedTry, {"key": notice.subject, "at": notice.at}, unique="key")


def state(session: Session) -> State:
    """Return how the defence stands."""
    row = session.get(DefenceState, _ONE)
    return State(row.mode, row.attack_since, row.because) if row else State()


def locked_state(session: Session) -> State:
    """Return how the defence stands, and let nobody else change it for this transaction."""
    row = _locked(session)
    return State(row.mode, row.attack_since, row.because)


def figures(session: Session, limits: Defence, *, now: dt.datetime) -> Figures:
    """Count what was declined and what was taken lately.

    Months of a running gift are left out: nobody types a card for them.
    """
    since = now - dt.timedelta(minutes=limits.decline_minutes)
    declines = select(func.count()).select_from(DeclinedTry).where(DeclinedTry.at > since)
    taken = (
        select(func.count())
        .select_from(Payment)
        .where(Payment.paid_at > since, Payment.number == 1)
    )
    return Figures(session.scalar(declines) or 0, session.scalar(taken) or 0)


def is_to_change(session: Session, limits: Defence, *, now: dt.datetime) -> bool:
    """Say whether `look` would change anything, without locking anything."""
    row = session.get(DefenceState, _ONE)
    if row is not None and row.mode != "auto":
        return row.attack_since is not None
    found = figures(session, limits, now=now)
    if row is None or row.attack_since is None or row.hot_at is None:
        return found.reach(limits)
    warm, over = found.reach(limits, parts=2), now - row.hot_at >= _calm(limits)
    return over or (warm and now - row.hot_at >= _NOTED_EVERY)


def look(session: Session, limits: Defence, *, alarm: str, now: dt.datetime) -> State:
    """See whether an attack has begun, goes on or is over; tell of a change, by mail to `alarm`."""
    row, found = _locked(session), figures(session, limits, now=now)
    if row.mode != "auto":
        _end(row)
    elif row.attack_since is None or row.hot_at is None:
        if found.reach(limits):
            _begin(session, row, "declines", found, alarm=alarm, now=now)
    elif found.reach(limits, parts=2):
        row.hot_at = now
    elif now - row.hot_at >= _calm(limits):
        since = row.attack_since
        _end(row)
        _keep(session, "over", _ITSELF, "", found, now)
        _tell(session, "attack_over", since, found, alarm=alarm, now=now)
        _log.warning("the attack on the payment forms is over", extra={"count": found.declines})
    return State(row.mode, row.attack_since, row.because)


def rush(session: Session, limits: Defence, *, alarm: str, now: dt.datetime) -> State:
    """Note that there are more attempts in all than we take; tell of it where it is news."""
    row = _locked(session)
    if row.mode == "auto" and row.attack_since is None:
        found = figures(session, limits, now=now)
        _begin(session, row, "rush", found, alarm=alarm, now=now)
    elif row.mode == "auto":
        row.hot_at = now
    return State(row.mode, row.attack_since, row.because)


def switch(session: Session, mode: str, *, who: str, now: dt.datetime) -> bool:
    """Let an operator say: `on`, `off`, or `auto`, to see for itself. Say whether it is news."""
    row = _locked(session)
    if row.mode == mode:
        return False
    row.mode = mode
    _end(row)
    _keep(session, mode, who, "", Figures(0, 0), now)
    return True


def changes(session: Session, *, most: int = 10) -> list[DefenceChange]:
    """Return what befell the defence of late, newest first."""
    wanted = select(DefenceChange).order_by(DefenceChange.id.desc()).limit(most)
    return list(session.scalars(wanted))


def forget(session: Session, *, now: dt.datetime) -> None:
    """Let go of what was declined long ago."""
    session.execute(delete(DeclinedTry).where(DeclinedTry.at < now - _KEPT))


def _locked(session: Session) -> DefenceState:
    insert_once(session, DefenceState, {"id": _ONE, "mode": "auto"}, unique="id")
    return session.scalars(
        select(DefenceState)
        .where(DefenceState.id == _ONE)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _calm(limits: Defence) -> dt.timedelta:
    return dt.timedelta(minutes=limits.calm_minutes)


def _begin(
    session: Session,
    row: DefenceState,
    because: str,
    found: Figures,
    *,
    alarm: str,
    now: dt.datetime,
) -> None:
    row.attack_since, row.because, row.hot_at = now, because, now
    _keep(session, "seen", _ITSELF, because, found, now)
    _tell(session, "attack_seen", now, found, alarm=alarm, now=now)
    extra = {"kind": because, "count": found.declines}
    _log.warning("the payment forms are under attack: everybody is asked", extra=extra)


def _end(row: DefenceState) -> None:
    row.attack_since = row.because = row.hot_at = None


def _keep(
    session: Session, what: str, who: str, why: str, found: Figures, now: dt.datetime
) -> None:
    row = DefenceChange(
        at=now, what=what, who=who, why=why, declines=found.declines, payments=found.payments
    )
    session.add(row)


def _tell(
    session: Session,
    template: str,
    since: dt.datetime,
    found: Figures,
    *,
    alarm: str,
    now: dt.datetime,
) -> None:
    """Write to the organisation, once for each attack and its end."""
    values = {
        "since": since.astimezone(LONDON).strftime("%H:%M"),
        "declines": found.declines,
        "payments": found.payments,
    }
    key = f"{template}:{since.isoformat()}"
    outbox.mail(session, template, key=key, to=alarm, values=values, now=now)
