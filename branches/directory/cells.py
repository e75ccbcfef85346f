"""What one cell of the directory's files may hold; a ValueError says what is wrong with it."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from branches.models import CatchmentKind
from branches.postcodes import Outcode, Sector
from branches.postcodes.districts import region_of

_ONS_CODE = re.compile(r"E1200000[1-9]|W92000004|S92000003|N92000002")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BRITAIN = {"lat": (49.8, 60.9), "lon": (-8.7, 1.8)}  # Scilly to Shetland, St Kilda to Lowestoft


class Areas(Protocol):
    """What is asked which outcodes, sectors, districts and constituencies there are: the index."""

    @property
    def districts(self) -> Collection[str]:
        """The districts that any postcode lies in."""

    @property
    def constituencies(self) -> Collection[str]:
        """The constituencies; none where the index does not know them."""

    def has_outcode(self, outcode: Outcode) -> bool:
        """Tell whether any postcode begins with this outcode."""

    def sector(self, sector: Sector) -> object | None:
        """Say about where a sector is; None when it is unknown."""


def ons_code(text: str) -> str:
    """Read the ONS code of a region of England, or of a country."""
    if not _ONS_CODE.fullmatch(text):
        raise ValueError("is not the ONS code of an English region or a country")
    return text


def degrees(column: str) -> Callable[[str], float]:
    """Return what reads a latitude or a longitude of Great Britain, in degrees."""
    least, most = _BRITAIN[column]

    def parse(text: str) -> float:
        if not _DEGREES.fullmatch(text):
            raise ValueError("must be degrees, such as 51.58341")
        if not least <= float(text) <= most:
            raise ValueError("is outside Great Britain")
        return round(float(text), 5)

    return parse


def date(text: str) -> dt.date:
    """Read a day."""
    if not _DATE.fullmatch(text):
        raise ValueError("must be a date such as 2026-11-30")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def codes(areas: Areas | None) -> Mapping[CatchmentKind, Callable[[str], str]]:
    """Return what reads the code of each kind of catchment.

    What the index does not know would never cover anybody, so it is a slip. Without an index the
    code's shape alone is looked at, and there are no constituencies.
    """
    return {
        CatchmentKind.OUTCODE: lambda text: _outcode(text, areas),
        CatchmentKind.SECTOR: lambda text: _sector(text, areas),
        CatchmentKind.DISTRICT: lambda text: _district(text, areas),
        CatchmentKind.CONSTITUENCY: lambda text: _constituency(text, areas),
    }


def _outcode(text: str, areas: Areas | None) -> str:
    outcode = Outcode.parse(text)
    if areas and not areas.has_outcode(outcode):
        raise ValueError("is no outcode that the postcode index knows")
    return str(outcode)


def _sector(text: str, areas: Areas | None) -> str:
    sector = Sector.parse(text)
    if areas and areas.sector(sector) is None:
        raise ValueError("is no sector that the postcode index knows")
    return str(sector)


def _district(text: str, areas: Areas | None) -> str:
    code = text.upper()
    if region_of(code) is None:
        raise ValueError("is not the ONS code of a district, such as W06000018")
    if areas and code not in areas.districts:
        raise ValueError("is no district that the postcode index knows a postcode in")
    return code


def _constituency(text: str, areas: Areas | None) -> str:
    code = text.upper()
    if not areas or not areas.constituencies:
        raise ValueError(
            "the postcode index does not say which constituency a postcode is in: build it"
            " from the full ONS Postcode Directory"
        )
    if code not in areas.constituencies:
        raise ValueError("is no constituency that the postcode index knows, such as E14001339")
    return code
