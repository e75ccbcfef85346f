"""People who are nobody: names of syllables, numbers for drama, addresses that lead nowhere."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

_BEGIN = ("Al", "Bre", "Cor", "Da", "El", "Fen", "Gwi", "Ho", "Is", "Jo", "Ka", "Lu", "Ma", "Ne")
_END = (
    "bin",
    "da",
    "fer",
    "la",
    "lin",
    "mar",
    "na",
    "neth",
    "ra",
    "ric",
    "sa",
    "tis",
    "ven",
)
_PLACES = ("Alder", "Bracken", "Cobble", "Dun", "Elder", "Fern", "Gorse", "Hazel", "Kestrel")
_KINDS = ("bourne", "croft", "dale", "fold", "garth", "mere", "shaw", "stead", "thwaite", "wick")
_STREETS = ("Road", "Street", "Lane", "Close", "Avenue", "Terrace")
_OLDEST, _YOUNGEST = 86 * 365, 17 * 365
_HAS_PHONE = 0.8
_DRAMA = 1000
"""Ofcom keeps 07700 900000 to 900999 for drama: so many numbers, which many here share."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody made up. `place` is which of the postcodes they live at."""

    id: uuid.UUID
    name: str
    email: str
    phone: str | None
    born: dt.date
    address: str
    town: str
    place: int


def names(rng: Random) -> str:
    """Return a name that nobody should have."""
    first = rng.choice(_BEGIN) + rng.choice(_END)
    return f"{first} {rng.choice(_PLACES)}{rng.choice(_KINDS)}"


def number(rng: Random) -> str:
    """Return a mobile number that rings nowhere, in E.164."""
    return f"+447700900{rng.randrange(_DRAMA):03}"


def ident(rng: Random) -> uuid.UUID:
    """Return an id, the same for the same seed."""
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def somebody(rng: Random, serial: int, places: Sequence[object], today: dt.date) -> Somebody:
    """Make somebody up; `serial` keeps their address apart from every other."""
    name = names(rng)
    return Somebody(
        id=ident(rng),
        name=name,
        email=f"{name.lower().replace(' ', '.')}.{serial}@example.org",
        phone=number(rng) if rng.random() < _HAS_PHONE else None,
        born=today - dt.timedelta(days=rng.randint(_YOUNGEST, _OLDEST)),
        address=f"{rng.randint(1, 180)} {rng.choice(_PLACES)} {rng.choice(_STREETS)}",
        town=rng.choice(_PLACES) + rng.choice(_KINDS),
        place=rng.randrange(len(places)),
    )
