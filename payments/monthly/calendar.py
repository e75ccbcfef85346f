"""The months of an agreement: they keep its day, or the last day of a shorter month."""

import calendar
import datetime as dt


def later(moment: dt.datetime, months: int) -> dt.datetime:
    """Return the same day and hour so many months later."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def upcoming(period_ends: dt.datetime | None, *, now: dt.datetime) -> dt.datetime | None:
    """Return when the next month is taken, reckoned from when one was last known to be."""
    if period_ends is None or period_ends > now:
        return period_ends
    months = (now.year - period_ends.year) * 12 + now.month - period_ends.month
    found = later(period_ends, max(months, 0))
    return found if found > now else later(period_ends, months + 1)
