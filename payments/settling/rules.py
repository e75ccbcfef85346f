"""What settling goes by, and what it says of a notice."""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum

from core.events import Announce


class Applied(StrEnum):
    """What became of a notice."""

    APPLIED = "applied"
    KNOWN = "known"
    UNKNOWN = "unknown"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a notice, and of whose pledge it spoke where that is known."""

    applied: Applied
    pledge_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What settling goes by: whether our money is real, whom to tell, how long links work.

    `letters` is off while books are made good from Stripe's after a restored backup: who was
    thanked before must not be thanked again.
    """

    livemode: bool
    announce: Announce
    link_lifetime: dt.timedelta
    letters: bool = True
