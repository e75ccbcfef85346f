"""What the columns of a postcode directory are called, whatever its year, and what they hold.

The ONS Postcode Directory renames its columns with every boundary review: `oslaua` became
`lad25cd`, `pcd` became `pcd7`, `oseast1m` became `east1m`. Code-Point Open has no header in its
files, but one beside them. Sources: the ONSPD user guides of 2018 to 2025, and Ordnance Survey's
Code-Point Open technical specification.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from branches.postcodes.grid import BRITISH, IRISH, to_wgs84
from branches.postcodes.packing import Points

Cells: TypeAlias = Sequence[str]

# In the order of preference where a file has several.
_NAMES = {
    "postcode": "pcds|pcd7|pcd8|pcd2?|postcode|pc",
    "district": r"oslaua|laua|lad[0-9]{2}cd|admin_district_code|dc",
    "east": "oseast1m|east1m|eastings|ea",
    "north": "osnrth1m|north1m|northings|no",
    "quality": "osgrdind|gridind|positional_quality_indicator|pq",
    "lat": "lat",
    "lon": "long",
    "constituency": r"pcon(?:[0-9]{2}cd)?",
    "introduced": "dointr",
    "terminated": "doterm",
}
_NEEDED = ("postcode", "district")
_POSITIONS = (("lat", "lon"), ("east", "north"))
CODE_POINT = (
    *("Postcode", "Positional_quality_indicator", "Eastings", "Northings", "Country_code"),
    *("NHS_regional_HA_code", "NHS_HA_code", "Admin_county_code", "Admin_district_code"),
    "Admin_ward_code",
)
"""The columns of Code-Point Open's files, as its own header names them."""

_NO_POSITION = ("9", "90")
_NO_LATITUDE = 90.0
_NOWHERE = (math.nan,) * 4
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|NPT|GIR)[0-9][A-Z]{2}")
_CODE = re.compile(r"[A-Z][0-9]{8}")
_PSEUDO = "99999999"
_MONTH = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])")
_LEFT_OUT = ("BT", "JE", "GY", "IM")
_IRISH = "BT"


class BadRow(ValueError):
    """A row is not what its columns promise; `row` counts from nought, the words say why."""

    def __init__(self, row: int, words: str) -> None:
        super().__init__(words)
        self.row = row


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each thing stands that is wanted of it."""

    at: dict[str, int]
    width: int

    @classmethod
    def named(cls, header: Cells) -> "Columns | None":
        """Find the columns by their names; None where this is no header of a directory."""
        names = [name.strip().lower() for name in header]
        at: dict[str, int] = {}
        for what, pattern in _NAMES.items():
            for wanted in pattern.split("|"):
                found = [place for place, name in enumerate(names) if re.fullmatch(wanted, name)]
                if found:
                    at.setdefault(what, found[-1])
        whole = all(name in at for name in _NEEDED)
        placed = any(all(name in at for name in pair) for pair in _POSITIONS)
        return cls(at, len(names)) if whole and placed else None

    @property
    def has_constituencies(self) -> bool:
        """Whether the file says which constituency each postcode is in."""
        return "constituency" in self.at

    @property
    def is_code_point(self) -> bool:
        """Whether the columns are Code-Point Open's."""
        return self.width == len(CODE_POINT) and "introduced" not in self.at


def is_code_point_row(cells: Cells) -> bool:
    """Tell whether a row without a header is one of Code-Point Open's."""
    return len(cells) == len(CODE_POINT) and bool(_POSTCODE.fullmatch(_compact(cells[0])))


def points(rows: Sequence[Cells], columns: Columns) -> Points:
    """Make points of rows, without those that have no place in Great Britain's open data.

    Raises:
        BadRow: at the first row that is not what its columns promise.
    """
    kept: list[tuple[str, str, str]] = []
    spots: list[tuple[float, float, float, float]] = []
    for number, cells in enumerate(rows):
        if len(cells) != columns.width:
            raise BadRow(number, f"has {len(cells)} cells in place of {columns.width}")
        postcode = _compact(cells[columns.at["postcode"]])
        if not _POSTCODE.fullmatch(postcode):
            raise BadRow(number, "has no postcode in the postcode's column")
        if postcode.startswith(_LEFT_OUT) and postcode[2].isdigit():
            continue
        try:
            spots.append(_spot(cells, columns))
            district = _code(cells, columns, "district")
            kept.append((postcode, district, _code(cells, columns, "constituency")))
        except ValueError as fault:
            raise BadRow(number, str(fault)) from None
    return _packed(kept, spots, columns)


def latest(rows: Sequence[Cells], columns: Columns) -> str:
    """Give the latest month in which a postcode came or went, as 202511; empty for none."""
    wanted = [columns.at[name] for name in ("introduced", "terminated") if name in columns.at]
    months = {month for at in wanted for month in set(map(itemgetter(at), rows))}
    return max(filter(_MONTH.fullmatch, months), default="")


def _compact(text: str) -> str:
    return text.replace(" ", "")


def _code(cells: Cells, columns: Columns, name: str) -> str:
    """Read the code of a district or constituency; empty where there is none."""
    code = cells[columns.at[name]].strip() if name in columns.at else ""
    if code and not _CODE.fullmatch(code):
        raise ValueError(f"has no ONS code in the {name}'s column")
    return "" if name == "constituency" and code.endswith(_PSEUDO) else code


def _spot(cells: Cells, columns: Columns) -> tuple[float, float, float, float]:
    """Read latitude and longitude, or else easting and northing; what is not there is NaN."""
    at = columns.at
    if "quality" in at and cells[at["quality"]].strip() in _NO_POSITION:
        return _NOWHERE
    if "lat" in at and "lon" in at:
        lat, lon = _number(cells[at["lat"]]), _number(cells[at["lon"]])
        if abs(lat) <= _NO_LATITUDE and not math.isnan(lon):
            return lat, lon, math.nan, math.nan
    if "east" in at and "north" in at:
        east, north = _number(cells[at["east"]]), _number(cells[at["north"]])
        if east > 0 and north > 0:
            return math.nan, math.nan, east, north
    return _NOWHERE


def _number(text: str) -> float:
    try:
        found = float(text) if text.strip() else math.nan
    except ValueError:
        raise ValueError("has no number where its place should be") from None
    if math.isinf(found):
        raise ValueError("has no number where its place should be")
    return found


def _packed(
    kept: list[tuple[str, str, str]],
    spots: list[tuple[float, float, float, float]],
    columns: Columns,
) -> Points:
    names = list(zip(*kept, strict=True)) or [(), (), ()]
    lats, lons, easts, norths = np.array(spots, dtype=np.float64).reshape(-1, 4).T
    gridded = np.isnan(lats)
    if gridded.any():
        irish = gridded & np.array([name.startswith(_IRISH) for name in names[0]], dtype=np.bool_)
        for grid, chosen in ((BRITISH, gridded & ~irish), (IRISH, irish)):
            lats[chosen], lons[chosen] = to_wgs84(easts[chosen], norths[chosen], grid)
    return Points(
        np.array(names[0], dtype="S7"),
        np.array(names[1], dtype="S9"),
        lats,
        lons,
        np.array(names[2], dtype="S9") if columns.has_constituencies else None,
    )
