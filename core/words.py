"""Words: the language of a page, and how money, days and distances are written in it."""

import datetime as dt

from babel import Locale
from flask import Flask
from flask_babel import Babel, format_date, format_datetime, get_locale

from core.clock import day_in_london
from core.money import Money

_KM_A_MILE = 1.609344
_BRITISH = Locale.parse("en_GB")


def spoken() -> Locale:
    """Return the language that gettext speaks to whoever asks now."""
    return _BRITISH


def pounds(pence: int) -> str:
    """Write pence as pounds: `£10`, `£10.50`."""
    return str(Money(pence))


def day(moment: dt.datetime | dt.date | str) -> str:
    """Write the day on which the moment falls in Britain: `3 December 2026`.

    Text is read as ISO 8601, which is how the outbox keeps moments and days.

    Raises:
        ValueError: for a moment without its time zone.
    """
    if isinstance(moment, str):
        a_day = len(moment) == len("2026-12-03")
        moment = dt.date.fromisoformat(moment) if a_day else dt.datetime.fromisoformat(moment)
    date = day_in_london(moment) if isinstance(moment, dt.datetime) else moment
    return str(format_date(date, "d MMMM y", rebase=False))


def month(day: dt.date) -> str:
    """Write the month of a day: `December 2026`."""
    return str(format_date(day, "MMMM y", rebase=False))


def weekday(date: dt.date) -> str:
    """Write a day that is near: `Thursday 3 December`."""
    return str(format_date(date, "EEEE d MMMM", rebase=False))


def minute(moment: dt.datetime) -> str:
    """Write a moment as clocks in Britain show it: `3 December 2026, 14:05`."""
    return str(format_datetime(moment, "d MMMM y, HH:mm"))


def miles(kilometres: float) -> str:
    """Write a distance in miles, to a tenth below ten."""
    found = round(kilometres / _KM_A_MILE, 1)
    return f"{found:.1f}" if found < 10 else f"{found:.0f}"  # noqa: PLR2004 -- reads better so


def set_up(app: Flask) -> None:
    """Give every template its words."""
    Babel(
        app,
        default_locale=str(_BRITISH),
        default_timezone="Europe/London",
        locale_selector=spoken,  # by itself it would read the name anew for each request
    )
    app.jinja_env.filters.update(
        pounds=pounds, day=day, month=month, weekday=weekday, minute=minute, miles=miles
    )

    def language() -> dict[str, str]:
        locale = get_locale()
        return {"page_language": locale.language if locale else "en"}

    app.context_processor(language)
