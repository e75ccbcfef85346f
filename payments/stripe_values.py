"""Reading the values of Stripe's objects: names, moments, pence. What is none is refused."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_TOO_MUCH = 10**12  # no amount has more than twelve digits (docs.stripe.com/currencies)


def id_of(value: object) -> str | None:
    """Return the id of an object that may or may not have been expanded."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


def own_id(value: object) -> uuid.UUID | None:
    """Return an id of ours, as we once gave it to Stripe; None for anybody else's words."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def name(value: object) -> str:
    """Return a name of Stripe's: an id, a kind of event, a version.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise ValueError("not a name")


def moment(seconds: float) -> dt.datetime:
    """Return the moment that Stripe writes as seconds since 1970.

    Raises:
        ValueError: no calendar has it.
    """
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, OSError):
        raise ValueError("not a moment") from None


def pence(value: object) -> int:
    """Return whole pence, which may be below nothing.

    Raises:
        ValueError: they are none, or more than Stripe ever moves.
    """
    if type(value) is int and abs(value) < _TOO_MUCH:  # a bool is an int to everybody else
        return value
    raise ValueError("not pence")
