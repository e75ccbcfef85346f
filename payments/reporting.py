"""What this room tells the desk: gifts in numbers, and how we stand with Stripe."""

import datetime as dt
from collections.abc import Sequence

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import staff
from core.words import minute
from payments import numbers, proving, reconciling, sweeping
from payments.checking import PROVED
from payments.models import Sweep, WebhookEvent
from staff.health import Level, Report, Said
from staff.numbers import Measure, Series
from staff.principal import Role

_FAILS = 5  # attempts after which a notice is said to fail, as the check of the books has it
_LATE = dt.timedelta(minutes=10)


def tell_desk(app: Flask) -> None:
    """Declare the numbers and the report."""
    roles = frozenset((Role.TREASURER, Role.ADMIN))
    words = _l("Given to the appeals, by card, Direct Debit or otherwise, less what went back.")
    gifts = Series("gifts", _l("Gifts"), words, roles, numbers.gifts, Measure.PENCE, rank=61)
    staff.add_series(app, gifts)
    staff.add_report(app, Report(_l("Stripe and the books"), _stripe))


def _stripe(session: Session, now: dt.datetime) -> Sequence[Said]:
    return [*_heard(session), *_waiting(session, now), *_held(session), *_looks(session, now)]


def _heard(session: Session) -> list[Said]:
    last = select(WebhookEvent.received_at).order_by(WebhookEvent.id.desc()).limit(1)
    heard = session.scalar(last)
    if heard is None:
        return [Said(Level.LOOK, _("Stripe has told us nothing yet."))]
    return [Said(Level.WELL, _("Stripe last told us something on %(when)s.", when=minute(heard)))]


def _waiting(session: Session, now: dt.datetime) -> list[Said]:
    waits = WebhookEvent.due_at.is_not(None)
    fails = func.count().filter(WebhookEvent.attempts >= _FAILS)
    counted = select(func.count(), fails, func.min(WebhookEvent.received_at)).where(waits)
    count, failing, oldest = session.execute(counted).one()
    said = []
    if failing:
        words = ngettext(
            "%(num)s notice fails again and again.",
            "%(num)s notices fail again and again.",
            failing,
        )
        said.append(Said(Level.WRONG, words))
    if count > failing:
        words = ngettext("%(num)s notice waits.", "%(num)s notices wait.", count - failing)
        said.append(Said(Level.LOOK if oldest <= now - _LATE else Level.WELL, words))
    return said or [Said(Level.WELL, _("Every notice has been dealt with."))]


def _held(session: Session) -> list[Said]:
    held = select(func.count()).select_from(WebhookEvent).where(WebhookEvent.outcome == "held")
    count = session.scalar(held) or 0
    if not count:
        return []
    words = ngettext(
        "%(num)s notice waits for a person to look at it: flask payments check.",
        "%(num)s notices wait for a person to look at them: flask payments check.",
        count,
    )
    return [Said(Level.WRONG, words)]


def _looks(session: Session, now: dt.datetime) -> list[Said]:
    """Say when we last looked by ourselves, and whether that is longer ago than it should be."""
    every = {
        sweeping.NAME: (_("Stripe's list of events was last read on %(when)s."), sweeping.EVERY),
        reconciling.NAME: (
            _("Our books were last compared with Stripe's on %(when)s."),
            reconciling.EVERY,
        ),
        PROVED: (_("All the books were last proved on %(when)s."), proving.EVERY),
    }
    rows = {each.name: each.done_until for each in session.scalars(select(Sweep))}
    said = []
    for name, (words, usual) in every.items():
        if name not in rows:
            continue
        late = rows[name] <= now - 3 * usual
        said.append(Said(Level.LOOK if late else Level.WELL, words % {"when": minute(rows[name])}))
    return said or [Said(Level.LOOK, _("The worker has not looked at Stripe yet."))]
