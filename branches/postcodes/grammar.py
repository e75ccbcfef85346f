"""What a postcode is, and how people write one.

The shapes are Royal Mail's (also in the Code-Point specification and BS 7666): an outward part
such as ``E11`` or ``SW1A`` and an inward part of one digit and two letters. The reading is looser
than the standard about *which* letters stand where, since retired outcodes (``W1R``, ``NPT``) are
still in use by the people who live there: the index, not the shape, says what exists.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Self

LONGEST = 64
"""Characters looked at: the longest text that is read at all, spaces and all."""

_OUTWARD = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|NPT)"
_OUTCODE = re.compile(rf"{_OUTWARD}|GIR")
_SECTOR = re.compile(rf"({_OUTWARD}(?=[0-9])|GIR(?=0))([0-9])")
_FORCES = re.compile(r"BFPO[0-9]{1,4}")
_POSTCODE = re.compile(rf"({_OUTWARD}(?=[0-9])|GIR(?=0AA))([0-9][A-Z]{{2}})")
_AREA = re.compile(r"[A-Z]{1,2}")
_PLAIN = re.compile(r"([A-Za-z]{1,2}[0-9][A-Za-z0-9]?) ?([0-9][A-Za-z]{2})")
"""How nearly everybody writes a whole postcode: `E11 1AA`, `e111aa`."""

_SEPARATORS = re.compile(r"[\s.,_\-\u2010-\u2015\u2212\u00b7]+")
_OPENING = "\"'`\u2018\u201c\u00ab(["
_CLOSING = "\"'`\u2019\u201d\u00bb)];:!?"
_READABLE = re.compile(r"[A-Za-z0-9]+")


class Reason(StrEnum):
    """Why a text is not a postcode."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    AREA_ONLY = "area_only"
    SHAPE = "shape"


_WORDS = {
    Reason.MISSING: "there is no postcode",
    Reason.TOO_LONG: "the text is too long to be a postcode",
    Reason.AREA_ONLY: "a postcode area alone is too wide: at least its number is needed",
    Reason.SHAPE: "the text does not have the shape of a postcode",
}


class NotAPostcode(ValueError):
    """The text is not a postcode; `reason` says why. Its words never repeat the text."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_WORDS[reason])
        self.reason = reason


class Special(StrEnum):
    """Postcodes that are real but have no place in the index."""

    NORTHERN_IRELAND = "northern_ireland"
    CROWN_DEPENDENCY = "crown_dependency"
    BFPO = "bfpo"
    NON_GEOGRAPHIC = "non_geographic"


_SPECIAL_AREAS = {
    "BT": Special.NORTHERN_IRELAND,
    "JE": Special.CROWN_DEPENDENCY,
    "GY": Special.CROWN_DEPENDENCY,
    "IM": Special.CROWN_DEPENDENCY,
    "BF": Special.BFPO,
    "BX": Special.NON_GEOGRAPHIC,
    "GIR": Special.NON_GEOGRAPHIC,
}


def _area(outward: str) -> str:
    # NPT was Newport's own outcode, in the area that is NP today.
    return "NP" if outward == "NPT" else "".join(takewhile(str.isalpha, outward))


@dataclass(frozen=True, slots=True, order=True)
class Outcode:
    """The outward part of a postcode, such as ``E11``: a post town's district.

    Raises:
        NotAPostcode: when `code` is not an outcode in its own spelling.
    """

    code: str

    def __post_init__(self) -> None:
        if not _OUTCODE.fullmatch(self.code):
            raise NotAPostcode(Reason.SHAPE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an outcode as a person writes it.

        Raises:
            NotAPostcode: when the text is anything else, a whole postcode among it.
        """
        pieces = pieces_of(text)
        compact = "".join(pieces)
        if not _OUTCODE.fullmatch(compact) or _is_spaced_sector(pieces):
            raise NotAPostcode(_why_not(compact))
        return cls(compact)

    def __str__(self) -> str:
        return self.code

    @property
    def compact(self) -> str:
        """The outcode without a space."""
        return self.code

    @property
    def area(self) -> str:
        """The letters it begins with: ``E`` of ``E11``."""
        return _area(self.code)


@dataclass(frozen=True, slots=True, order=True)
class Sector:
    """An outcode and the first figure of the inward part, such as ``E11 1``.

    Raises:
        NotAPostcode: when the two parts are not a sector in its own spelling.
    """

    outward: str
    digit: str

    def __post_init__(self) -> None:
        match = _SECTOR.fullmatch(self.outward + self.digit)
        if match is None or match[1] != self.outward:
            raise NotAPostcode(Reason.SHAPE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a sector as a person writes it; ``E14`` is an outcode, ``E1 4`` a sector.

        Raises:
            NotAPostcode: when the text is anything else.
        """
        pieces = pieces_of(text)
        compact = "".join(pieces)
        match = _SECTOR.fullmatch(compact)
        if match is None or not (_is_spaced_sector(pieces) or not _OUTCODE.fullmatch(compact)):
            raise NotAPostcode(_why_not(compact))
        return cls(compact[:-1], compact[-1])

    def __str__(self) -> str:
        return f"{self.outward} {self.digit}"

    @property
    def compact(self) -> str:
        """The sector without its space; not to be parsed again, since E1 4 would be E14."""
        return self.outward + self.digit

    @property
    def outcode(self) -> Outcode:
        """The outcode that it is part of."""
        return Outcode(self.outward)

    @property
    def area(self) -> str:
        """The letters it begins with."""
        return _area(self.outward)


@dataclass(frozen=True, slots=True, order=True)
class Postcode:
    """A whole postcode, such as ``E11 1AA``: well formed, whether or not it exists.

    Raises:
        NotAPostcode: when the two parts are not a postcode in its own spelling.
    """

    outward: str
    inward: str

    def __post_init__(self) -> None:
        match = _POSTCODE.fullmatch(self.outward + self.inward)
        if match is None or match[1] != self.outward:
            raise NotAPostcode(Reason.SHAPE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a whole postcode as a person writes it.

        Raises:
            NotAPostcode: when the text is anything else, a sector or an outcode among it.
        """
        compact = "".join(pieces_of(text))
        if not _POSTCODE.fullmatch(compact):
            raise NotAPostcode(_why_not(compact))
        return cls(compact[:-3], compact[-3:])

    def __str__(self) -> str:
        return f"{self.outward} {self.inward}"

    @property
    def compact(self) -> str:
        """The postcode without its space: ``E111AA``."""
        return self.outward + self.inward

    @property
    def outcode(self) -> Outcode:
        """The outcode: ``E11``."""
        return Outcode(self.outward)

    @property
    def sector(self) -> Sector:
        """The sector: ``E11 1``."""
        return Sector(self.outward, self.inward[0])

    @property
    def area(self) -> str:
        """The letters it begins with: ``E``."""
        return _area(self.outward)


def read(text: str) -> Postcode | Sector | Outcode:
    """Read a postcode, a sector or an outcode as a person writes it.

    Case, spaces of every kind, invisible marks, full-width letters, hyphens, dots and closing
    punctuation make no difference, save that ``E1 4`` is a sector and ``E14`` an outcode. A British
    Forces number (``BFPO 57``) is read as the outcode that all of them share, BF1.

    Raises:
        NotAPostcode: with the reason, when the text is none of the three.
    """
    plain = _PLAIN.fullmatch(text)
    if plain:
        return _well_formed(plain[1].upper(), plain[2].upper())
    pieces = pieces_of(text)
    compact = "".join(pieces)
    if _POSTCODE.fullmatch(compact):
        return _well_formed(compact[:-3], compact[-3:])
    if _OUTCODE.fullmatch(compact) and not _is_spaced_sector(pieces):
        return Outcode(compact)
    if _SECTOR.fullmatch(compact):
        return Sector(compact[:-1], compact[-1])
    if _FORCES.fullmatch(compact):
        return Outcode("BF1")
    raise NotAPostcode(_why_not(compact))


def _well_formed(outward: str, inward: str) -> Postcode:
    """Make a postcode of parts that were matched already, without matching them once more."""
    made = object.__new__(Postcode)
    object.__setattr__(made, "outward", outward)
    object.__setattr__(made, "inward", inward)
    return made


def special(place: Postcode | Sector | Outcode) -> Special | None:
    """Say which kind of postcode without a place this is, as far as its letters tell.

    PO boxes in ordinary outcodes cannot be told by their letters: the index knows those.
    """
    return _SPECIAL_AREAS.get(place.area)


def pieces_of(text: str) -> list[str]:
    """Split a text at its spaces, hyphens and dots into upper-case ASCII pieces.

    Raises:
        NotAPostcode: when there is nothing, too much, or anything that is in no postcode.
    """
    if len(text) > LONGEST:
        raise NotAPostcode(Reason.TOO_LONG)
    plain = text
    if not text.isascii():  # what follows leaves ASCII as it is
        plain = unicodedata.normalize("NFKC", text)
        plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    plain = _SEPARATORS.sub(" ", plain)
    plain = plain.lstrip(_OPENING + " ").rstrip(_CLOSING + " ")
    if not plain:
        raise NotAPostcode(Reason.MISSING)
    pieces = plain.split(" ")
    # ASCII is demanded before the case is changed: upper() makes two letters of a sharp s.
    if not all(_READABLE.fullmatch(piece) for piece in pieces):
        raise NotAPostcode(Reason.SHAPE)
    return [piece.upper() for piece in pieces]


def _is_spaced_sector(pieces: list[str]) -> bool:
    """Tell ``E1 4``, a sector, from ``E14`` and ``E 14``, an outcode."""
    *before, last = pieces
    return len(last) == 1 and last.isdigit() and bool(_OUTCODE.fullmatch("".join(before)))


def _why_not(compact: str) -> Reason:
    return Reason.AREA_ONLY if _AREA.fullmatch(compact) else Reason.SHAPE
