"""Packing postcodes into the file that `PostcodeIndex` opens, by numpy.

Every sector is a run of postcodes. One bit for each of the 676 pairs of letters says which it has,
so that a postcode's rank among them leads to its point: two counts of 16 bits from the south-west
corner of the sector (a few centimetres off in a town, under two metres in the widest glen) and,
where the sector has several districts, a choice among them in one or a few bits.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from branches.postcodes import layout
from branches.postcodes.layout import LETTERS, NOWHERE, SECTOR, STEPS
from branches.postcodes.points import BadRows, Floats, Points, Texts

__all__ = ["BadRows", "Points", "pack"]

Numbers: TypeAlias = NDArray[np.int64]
Table: TypeAlias = NDArray[Any]

_BASE = 36
_A = 10  # the value of A to base 36
_INWARD = 3
_SHORTEST, _LONGEST = 5, 7
_METRES_A_DEGREE = 111_195.0
_HELD = 0.9

_SECTOR_ROWS = np.dtype(
    [
        ("first", "u4"),
        ("palette", "u4"),
        ("choices", "u4"),
        ("length", "u1"),
        ("south", "f4"),
        ("west", "f4"),
        ("up", "f4"),
        ("along", "f4"),
        ("units", "u1", (SECTOR.size - 29,)),
    ],
)
_CENTRE_ROWS = np.dtype(
    [
        ("lat", "f4"),
        ("lon", "f4"),
        ("radius", "f4"),
        ("postcodes", "u4"),
        ("palette", "u4"),
        ("length", "u2"),
    ],
)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Postcodes in the order of their sectors and, within those, of their last two letters."""

    keys: Numbers
    units: Numbers
    lats: Floats
    lons: Floats
    parts: Numbers
    """The number of each postcode's part: a district, or a district and a constituency."""
    names: list[str]
    districts: Numbers
    """The number of each part's district."""

    @property
    def located(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.lats)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Runs of sorted postcodes: the sectors, or the outcodes."""

    keys: Numbers
    starts: Numbers
    sizes: Numbers
    of: Numbers
    """The number of each postcode's group."""


@dataclass(frozen=True, slots=True)
class _Palettes:
    """The parts of each group, the commonest district first, and each postcode's choice."""

    parts: Numbers
    firsts: Numbers
    lengths: Numbers
    choices: Numbers


def pack(points: Points, output: Path, *, source: str, release: str) -> None:
    """Write the index of these postcodes, whole or not at all; equal rows give equal bytes.

    Raises:
        BadRows: when one is no postcode, or one stands there twice.
        OSError: when the file cannot be written.
    """
    rows = _sort(points)
    sectors = _group(rows.keys)
    outcodes = _group(rows.keys // _BASE)
    near, wide = _palettes(rows, sectors), _palettes(rows, outcodes)
    choices, choices_at = _choices(near, sectors)
    table, counts = _sector_table(rows, sectors, near)
    table["choices"] = choices_at
    about: dict[str, str | int | list[str]] = {
        "source": source,
        "release": release,
        "districts": [name.partition(" ")[0] for name in rows.names],
        "rows": len(rows.keys),
        "placeless": int((~rows.located).sum()),
    }
    if points.constituencies is not None:
        about["constituencies"] = [name.partition(" ")[2] for name in rows.names]
    sections = {
        "keys": sectors.keys.astype(np.uint32).tobytes(),
        "sectors": table.tobytes(),
        "centres": _centres(rows, sectors, near, 0).tobytes(),
        "outcodes": outcodes.keys.astype(np.uint32).tobytes(),
        "middles": _centres(rows, outcodes, wide, len(near.parts)).tobytes(),
        "points": counts.tobytes(),
        "palettes": np.concatenate([near.parts, wide.parts]).astype(np.uint16).tobytes(),
        "choices": choices,
    }
    layout.write(output, about, sections)


def _sort(points: Points) -> _Sorted:
    keys, units = _numbers(points.postcodes)
    order = np.lexsort((units, keys))
    keys, units = keys[order], units[order]
    twice = int(((np.diff(keys) == 0) & (np.diff(units) == 0)).sum())
    if twice:
        raise BadRows(f"{twice} postcodes stand there more than once")
    found, parts = np.unique(points.parts, return_inverse=True)
    names = [name.decode() for name in found.tolist()]
    districts = np.unique([name.partition(" ")[0] for name in names], return_inverse=True)[1]
    lats = np.where(np.isnan(points.lons), np.nan, points.lats)
    return _Sorted(
        keys=keys,
        units=units,
        lats=lats[order],
        lons=points.lons[order],
        parts=parts[order],
        names=names,
        districts=districts,
    )


def _numbers(postcodes: Texts) -> tuple[Numbers, Numbers]:
    """Give each postcode's sector as a number to base 36, and its last two letters to base 26."""
    width = postcodes.dtype.itemsize
    chars = postcodes.view(np.uint8).reshape(-1, width)
    digits = np.where(chars >= ord("A"), chars - ord("A") + _A, chars - ord("0"))
    lengths = np.strings.str_len(postcodes)
    known = np.strings.isalnum(postcodes) & np.strings.isupper(postcodes)
    known &= (lengths >= _SHORTEST) & (lengths <= _LONGEST)
    if known.all():
        rows = np.arange(len(postcodes))
        inward = [digits[rows, lengths - back].astype(np.int64) for back in range(_INWARD, 0, -1)]
        known = (inward[0] < _A) & (inward[1] >= _A) & (inward[2] >= _A)
    if not known.all():
        first = postcodes[int(np.argmin(known))].decode()
        raise BadRows(f"{int((~known).sum())} rows are no postcodes, the first of them {first!r}")
    keys = np.zeros(len(postcodes), dtype=np.int64)
    for at in range(width):
        keys = np.where(at < lengths - 2, keys * _BASE + digits[:, at], keys)
    return keys, (inward[1] - _A) * LETTERS + inward[2] - _A


def _group(keys: Numbers) -> _Groups:
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    sizes = np.diff(starts, append=len(keys))
    return _Groups(keys[starts], starts, sizes, np.repeat(np.arange(len(starts)), sizes))


def _palettes(rows: _Sorted, groups: _Groups) -> _Palettes:
    located, many = rows.located, len(rows.names)
    pairs, which, times = np.unique(
        groups.of[located] * many + rows.parts[located],
        return_inverse=True,
        return_counts=True,
    )
    districts = rows.districts[pairs % many]
    _, whose = np.unique(pairs // many * many + districts, return_inverse=True)
    in_district = np.bincount(whose, weights=times)[whose]
    order = np.lexsort((pairs, -times, districts, -in_district, pairs // many))
    lengths = np.bincount(pairs // many, minlength=len(groups.keys))
    firsts = np.cumsum(lengths) - lengths
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    choices = np.zeros(len(rows.keys), dtype=np.int64)
    choices[located] = places[which] - firsts[groups.of[located]]
    return _Palettes(pairs[order] % many, firsts, lengths, choices)


def _choices(palettes: _Palettes, sectors: _Groups) -> tuple[bytes, Numbers]:
    """Pack the choices of the sectors that have any, each from a byte of its own."""
    packed = bytearray()
    places = np.zeros(len(sectors.keys), dtype=np.int64)
    for sector in np.flatnonzero(palettes.lengths > 1):
        bits = layout.bits_for(int(palettes.lengths[sector]))
        start, size = sectors.starts[sector], sectors.sizes[sector]
        a_byte = 8 // bits
        mine = np.zeros(-(-size // a_byte) * a_byte, dtype=np.int64)
        mine[:size] = palettes.choices[start : start + size]
        together = (mine.reshape(-1, a_byte) << (np.arange(a_byte) * bits)).sum(axis=1)
        places[sector] = len(packed)
        packed += together.astype(np.uint8).tobytes()
    return bytes(packed), places


def _sector_table(
    rows: _Sorted, sectors: _Groups, palettes: _Palettes
) -> tuple[Table, NDArray[np.uint32]]:
    table = np.zeros(len(sectors.keys), dtype=_SECTOR_ROWS)
    table["first"] = sectors.starts
    table["palette"], table["length"] = palettes.firsts, palettes.lengths
    table["south"], table["up"], north = _steps(rows.lats, sectors)
    table["west"], table["along"], east = _steps(rows.lons, sectors)
    pairs = np.zeros((len(sectors.keys), table["units"].shape[1] * 8), dtype=np.bool_)
    pairs[sectors.of, rows.units] = True
    table["units"] = np.packbits(pairs, axis=1, bitorder="little")
    points = np.where(rows.located, north << 16 | east, NOWHERE)
    return table, points.astype(np.uint32)


def _steps(degrees: Floats, groups: _Groups) -> tuple[Floats, Floats, Numbers]:
    """Give each group's origin and step, both exact in 32 bits, and each postcode's count."""
    placeless = np.isnan(degrees)
    least = np.minimum.reduceat(np.where(placeless, np.inf, degrees), groups.starts)
    most = np.maximum.reduceat(np.where(placeless, -np.inf, degrees), groups.starts)
    least, most = np.where(np.isinf(least), 0, least), np.where(np.isinf(most), 0, most)
    origin = least.astype(np.float32)
    origin = np.where(origin > least, np.nextafter(origin, np.float32(-np.inf)), origin)
    step = np.maximum((most - origin) / STEPS, 1e-9).astype(np.float32).astype(np.float64)
    counts = np.rint((np.where(placeless, 0, degrees) - origin[groups.of]) / step[groups.of])
    return origin.astype(np.float64), step, np.clip(counts, 0, STEPS).astype(np.int64)


def _centres(rows: _Sorted, groups: _Groups, palettes: _Palettes, palettes_at: int) -> Table:
    table = np.zeros(len(groups.keys), dtype=_CENTRE_ROWS)
    counts = np.add.reduceat(rows.located.astype(np.int64), groups.starts)
    some = np.maximum(counts, 1)
    lats = np.add.reduceat(np.nan_to_num(rows.lats), groups.starts) / some
    lons = np.add.reduceat(np.nan_to_num(rows.lons), groups.starts) / some
    north = rows.lats - lats[groups.of]
    east = (rows.lons - lons[groups.of]) * np.cos(np.radians(lats))[groups.of]
    away = np.hypot(north, east) * _METRES_A_DEGREE
    nearest_first = away[np.lexsort((away, groups.of))]  # those without a place come last
    held = groups.starts + np.maximum(np.ceil(counts * _HELD).astype(np.int64), 1) - 1
    table["lat"], table["lon"], table["postcodes"] = lats, lons, counts
    table["radius"] = np.where(counts > 0, np.nan_to_num(nearest_first[held]), 0)
    table["palette"], table["length"] = palettes.firsts + palettes_at, palettes.lengths
    return table
