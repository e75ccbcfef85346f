"""What this room tells the desk: texts in numbers, and how text line and index stand."""

import datetime as dt
from collections.abc import Sequence

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import staff
from branches import numbers
from branches.locator import IndexMissing, Locator
from branches.models import InboundText, OutboxText
from branches.texting import switching
from branches.texting.answered import Outcome
from core.words import minute
from staff.health import Level, Report, Said
from staff.numbers import Series
from staff.principal import Role

_LATE = dt.timedelta(minutes=10)
_OLD = dt.timedelta(days=200)  # the Office for National Statistics brings out four a year


def tell_desk(app: Flask, locator: Locator, *, gateways: int) -> None:
    """Declare the numbers and the reports; `gateways` is how many hand us texts."""
    organisers = frozenset((Role.ORGANISER, Role.ADMIN))
    title, words = _l("Texts answered"), _l("Texts to the line that got a reply.")
    staff.add_series(app, Series("texts", title, words, organisers, numbers.answered))

    def text_line(session: Session, now: dt.datetime) -> Sequence[Said]:
        return [*_switch(session), *_traffic(session, gateways), *_leaving(session, now)]

    def index(_session: Session, now: dt.datetime) -> Sequence[Said]:
        return [_index(locator, now)]

    staff.add_report(app, Report(_l("Text line"), text_line))
    staff.add_report(app, Report(_l("Postcodes"), index))


def _switch(session: Session) -> list[Said]:
    if switching.replies_on(session):
        return []
    return [Said(Level.WRONG, _("Replies are switched off. Texts are kept; STOP is heeded."))]


def _traffic(session: Session, gateways: int) -> list[Said]:
    if not gateways:
        return [Said(Level.LOOK, _("No gateway is set up, so no text can come."))]
    last = select(InboundText.received_at).order_by(InboundText.received_at.desc()).limit(1)
    came = session.scalar(last)
    if came is None:
        return [Said(Level.WELL, _("No text has come yet."))]
    answered = session.scalar(last.where(InboundText.outcome != Outcome.NO_REPLY))
    said = [Said(Level.WELL, _("The last text came on %(when)s.", when=minute(came)))]
    if answered is not None:
        words = _("The last one that was answered came on %(when)s.", when=minute(answered))
        said.append(Said(Level.WELL, words))
    return said


def _leaving(session: Session, now: dt.datetime) -> list[Said]:
    """Say what waits to leave by itself; the index of what is due finds it, and nothing else."""
    waits = select(func.count(), func.min(OutboxText.created_at)).where(
        OutboxText.due_at.is_not(None)
    )
    count, oldest = session.execute(waits).one()
    if not count:
        return [Said(Level.WELL, _("No reply waits to be sent."))]
    words = ngettext("%(num)s reply waits to be sent.", "%(num)s replies wait to be sent.", count)
    return [Said(Level.WRONG if oldest <= now - _LATE else Level.WELL, words)]


def _index(locator: Locator, now: dt.datetime) -> Said:
    try:
        release = locator.file.index().info.release
    except IndexMissing:
        return Said(Level.WRONG, _("No index of postcodes is built: nobody can be placed."))
    if not _is_old(release, now):
        words = _("The index of postcodes is that of %(release)s.", release=release)
        return Said(Level.WELL, words)
    words = _("The index of postcodes is that of %(of)s; there are newer ones.", of=release)
    return Said(Level.LOOK, words)


def _is_old(release: str, now: dt.datetime) -> bool:
    """Whether a release named by its month is an old one; of another name nothing is known."""
    try:
        month = dt.datetime.strptime(release, "%Y-%m").replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return month <= now - _OLD
