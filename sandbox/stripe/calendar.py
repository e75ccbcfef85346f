"""The periods of a subscription, as Stripe counts them."""

import calendar
from datetime import UTC, datetime, timedelta

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def period_end(anchor: int, periods: int, interval: str, count: int = 1) -> int:
    """The end of the period number `periods` since `anchor`, both in seconds of the epoch.

    Months keep the anchor's day, or the last day of a shorter month.
    """
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((start + timedelta(days=DAYS[interval] * count * periods)).timestamp())
    months = start.month - 1 + MONTHS[interval] * count * periods
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())
