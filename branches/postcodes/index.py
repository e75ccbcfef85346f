"""Where each postcode of Great Britain is, out of one memory-mapped file.

Looking up needs the standard library alone, takes some two microseconds, and shares its memory
between all processes that have the file open. `branches.postcodes.building` makes the file.
"""

import mmap
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self, TypeAlias

from branches.postcodes import layout
from branches.postcodes.grammar import Outcode, Postcode, Sector
from branches.postcodes.layout import CENTRE, LETTERS, NOWHERE, SECTOR, NotAnIndex

_BASE = 36
_FIRST_LETTER = ord("A")

Part: TypeAlias = tuple[str, str | None]
"""A district, and a constituency that shares ground with it where the index knows them."""


class Place(NamedTuple):
    """Where a postcode is: degrees (WGS84), and the code of its local authority district.

    The code of its constituency is known only where the index was built from a directory that has
    them.
    """

    lat: float
    lon: float
    district: str
    constituency: str | None = None


@dataclass(frozen=True, slots=True)
class Placeless:
    """A postcode, sector or outcode that exists in Great Britain and is nowhere in particular.

    Such are PO boxes and large users of mail: their owners live somewhere else.
    """


@dataclass(frozen=True, slots=True)
class Centre:
    """About where a sector or outcode is: the mean of its postcodes, live and terminated."""

    lat: float
    lon: float
    radius: float
    """Metres around the centre within which nine in ten of its postcodes lie."""
    parts: tuple[Part, ...]
    """The districts it lies in, that of most postcodes first, each with the constituency there."""
    postcodes: int
    """How many postcodes with a place it has."""

    @property
    def districts(self) -> tuple[str, ...]:
        """The districts it lies in, that of most postcodes first."""
        return tuple(dict.fromkeys(district for district, _ in self.parts))

    @property
    def district(self) -> str:
        """The district that most of its postcodes lie in."""
        return self.parts[0][0]


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index was made from, and when."""

    source: str
    release: str
    """The month of the directory's release, as ``2025-11``, or the data package's version."""
    rows: int
    """Postcodes in all."""
    placeless: int
    """Those of them without a place."""
    built_at: datetime
    size: int
    """Bytes."""


class PostcodeIndex:
    """Every postcode of a built index. Nothing in it changes, so threads may share it."""

    def __init__(self, mapped: mmap.mmap, description: layout.Description, info: IndexInfo) -> None:
        """Take a checked file; use `PostcodeIndex.open`."""
        self.info = info
        self._districts = description.districts
        self._constituencies = description.constituencies or (None,) * len(self._districts)
        whole = memoryview(mapped)
        parts = {name: whole[at : at + size] for name, (at, size) in description.sections.items()}
        self._keys = parts["keys"].cast("I")
        self._rows = {number: row for row, number in enumerate(self._keys)}
        self._sectors = parts["sectors"]
        self._centres = parts["centres"]
        self._outcodes = parts["outcodes"].cast("I")
        self._middles = parts["middles"]
        self._points = parts["points"].cast("I")
        self._palettes = parts["palettes"].cast("H")
        self._choices = parts["choices"]
        self._mapped = mapped
        self._views = (
            self._keys,
            self._sectors,
            self._centres,
            self._outcodes,
            self._middles,
            self._points,
            self._palettes,
            self._choices,
            *parts.values(),
            whole,
        )

    @classmethod
    def open(cls, path: Path) -> Self:
        """Check a file from end to end and map it.

        Raises:
            NotAnIndex: when it is missing, cannot be read, or is not a whole index.
        """
        try:
            with path.open("rb") as file:
                description = layout.check(file)
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                built_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            raise NotAnIndex(f"there is no postcode index at {path}") from None
        except OSError as fault:
            raise NotAnIndex(f"{path} cannot be read: {fault.strerror}") from fault
        except NotAnIndex as fault:
            raise NotAnIndex(f"{path}: {fault}") from None
        info = IndexInfo(
            source=description.source,
            release=description.release,
            rows=description.rows,
            placeless=description.placeless,
            built_at=built_at,
            size=len(mapped),
        )
        return cls(mapped, description, info)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Nothing can be looked up afterwards."""
        for view in self._views:
            view.release()
        self._mapped.close()

    @property
    def districts(self) -> tuple[str, ...]:
        """The codes of all districts that its postcodes lie in, in order."""
        return tuple(dict.fromkeys(code for code in self._districts if code))

    @property
    def constituencies(self) -> frozenset[str]:
        """The codes of all constituencies in it; none where its source did not say them."""
        return frozenset(code for code in self._constituencies if code)

    def find(self, postcode: Postcode) -> Place | Placeless | None:
        """Say where a postcode is, or that it exists without a place; None when it is unknown."""
        row = self._rows.get(int(postcode.outward + postcode.inward[0], _BASE))
        if row is None:
            return None
        first, palette, choices, length, south, west, up, along, units = SECTOR.unpack_from(
            self._sectors, row * SECTOR.size
        )
        rank = _rank(units, postcode)
        if rank is None:
            return None
        point = self._points[first + rank]
        if point == NOWHERE:
            return Placeless()
        bits = layout.bits_for(length)
        if bits:
            at = rank * bits
            palette += self._choices[choices + (at >> 3)] >> (at & 7) & ((1 << bits) - 1)
        part = self._palettes[palette]
        return Place(
            south + (point >> 16) * up,
            west + (point & 0xFFFF) * along,
            self._districts[part],
            self._constituencies[part],
        )

    def knows(self, postcode: Postcode) -> bool:
        """Tell whether a postcode exists or has existed, with a place or without one."""
        row = self._rows.get(int(postcode.outward + postcode.inward[0], _BASE))
        if row is None:
            return False
        units = SECTOR.unpack_from(self._sectors, row * SECTOR.size)[-1]
        return _rank(units, postcode) is not None

    def sector(self, sector: Sector) -> Centre | Placeless | None:
        """Say about where a sector is; None when it is unknown."""
        row = self._rows.get(int(sector.outward + sector.digit, _BASE))
        return None if row is None else self._centre(self._centres, row)

    def outcode(self, outcode: Outcode) -> Centre | Placeless | None:
        """Say about where an outcode is; None when it is unknown."""
        row = _row(self._outcodes, _number(outcode.code))
        return None if row is None else self._centre(self._middles, row)

    def has_outcode(self, outcode: Outcode) -> bool:
        """Tell whether any postcode begins with this outcode."""
        return _row(self._outcodes, _number(outcode.code)) is not None

    def _centre(self, table: memoryview, row: int) -> Centre | Placeless:
        lat, lon, radius, postcodes, palette, length = CENTRE.unpack_from(table, row * CENTRE.size)
        if not postcodes:
            return Placeless()
        numbers = self._palettes[palette : palette + length]
        parts = tuple((self._districts[part], self._constituencies[part]) for part in numbers)
        return Centre(lat, lon, radius, parts, postcodes)


def _number(text: str) -> int:
    return int(text, _BASE)


def _row(keys: memoryview, number: int) -> int | None:
    row = bisect_left(keys, number)
    return row if row < len(keys) and keys[row] == number else None


def _rank(units: bytes, postcode: Postcode) -> int | None:
    """How many postcodes of the sector come before this one; None when it is not among them."""
    inward = postcode.inward
    unit = (ord(inward[1]) - _FIRST_LETTER) * LETTERS + ord(inward[2]) - _FIRST_LETTER
    among = int.from_bytes(units, "little")
    if not among >> unit & 1:
        return None
    return (among & ((1 << unit) - 1)).bit_count()
