"""The time, asked for at the edge and handed to every rule as `now`."""

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import current_app

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Whoever knows what time it is."""

    def now(self) -> dt.datetime:
        """Return the present moment, aware, in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        """Return the present moment, aware, in UTC."""
        return dt.datetime.now(dt.UTC)


def now() -> dt.datetime:
    """Return the present moment by the running application's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def day_in_london(moment: dt.datetime) -> dt.date:
    """Return the calendar day on which `moment` falls for people in Britain.

    Raises:
        ValueError: for a naive moment.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(LONDON).date()
