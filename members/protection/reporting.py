"""How data protection stands, for the page of the service's health."""

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from core.clock import day_in_london
from core.words import minute
from members.protection import asking, retaining
from staff.health import Level, Said


def protection(session: Session, now: dt.datetime) -> Sequence[Said]:
    """Say how many requests wait, whether one is late, and when retention ran."""
    return [_requests(session, now), _retention(session, now)]


def _requests(session: Session, now: dt.datetime) -> Said:
    today = day_in_london(now)
    clocks = [asking.clock_of(each, today) for each in asking.waiting(session)]
    late, soon = (sum(getattr(each, what) for each in clocks) for what in ("late", "soon"))
    if late:
        words = ngettext(
            "%(num)s request is past the day of the law.",
            "%(num)s requests are past the day of the law.",
            late,
        )
        return Said(Level.WRONG, words)
    if soon:
        words = ngettext(
            "%(num)s request is due within a week.", "%(num)s requests are due within a week.", soon
        )
        return Said(Level.LOOK, words)
    words = ngettext("%(num)s request waits.", "%(num)s requests wait.", len(clocks))
    return Said(Level.WELL, words if clocks else _("No request waits."))


def _retention(session: Session, now: dt.datetime) -> Said:
    runs = retaining.last_runs(session, most=1)
    if not runs:
        return Said(Level.LOOK, _("Retention has not run yet."))
    words = _("Retention last ran on %(when)s.", when=minute(runs[0].at))
    return Said(Level.LOOK if runs[0].at <= now - 2 * retaining.EVERY else Level.WELL, words)
