"""The values that understanding a text gives and needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from branches.postcodes import Outcode, Postcode, Sector

Place = Postcode | Sector | Outcode


class Kind(StrEnum):
    """What a text asks for, before anyone has looked up where its place is."""

    POSTCODE = "postcode"
    OUTCODE = "outcode"
    CHOOSE = "choose"
    ASK_POSTCODE = "ask_postcode"
    STOP = "stop"
    START = "start"
    HELP = "help"
    NO_REPLY = "no_reply"


@dataclass(frozen=True, slots=True)
class Understood:
    """A text, understood.

    `name` is well-cased, at most 60 characters of letters, apostrophes, hyphens, spaces and full
    stops. `places` holds one place for `POSTCODE` (known or not) and `OUTCODE` (a sector or an
    outcode), two or more for `CHOOSE`, and none otherwise.
    """

    kind: Kind
    name: str | None = None
    places: tuple[Place, ...] = ()


class KnownPostcodes(Protocol):
    """What the reader of a text must know of the postcodes there are."""

    def knows(self, postcode: Postcode) -> bool:
        """Say whether the postcode exists, now or in former days."""

    def has_outcode(self, outcode: Outcode) -> bool:
        """Say whether any postcode of the outcode exists."""
