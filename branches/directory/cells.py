"""What one cell of the directory's files may hold; a ValueError says what is wrong with it."""

import datetime as dt
import re
from collections.abc import Callable, Collection

from branches.models import CatchmentKind
from branches.postcodes import Outcode, Sector
from branches.postcodes.districts import region_of

_ONS_CODE = re.compile(r"E1200000[1-9]|W92000004|S92000003|N92000002")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BRITAIN = {"lat": (49.8, 60.9), "lon": (-8.7, 1.8)}  # Scilly to Shetland, St Kilda to Lowestoft


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


def _district(text: str) -> str:
    code = text.upper()
    if region_of(code) is None:
        raise ValueError("is not the ONS code of a district, such as W06000018")
    return code


def constituency(known: Collection[str]) -> Callable[[str], str]:
    """Return what reads the ONS code of a constituency that the postcode index knows."""

    def parse(text: str) -> str:
        code = text.upper()
        if not known:
            raise ValueError(
                "the postcode index does not say which constituency a postcode is in: build it"
                " from the full ONS Postcode Directory"
            )
        if code not in known:
            raise ValueError("is no constituency that the postcode index knows, such as E14001339")
        return code

    return parse


# What reads the code of each kind of catchment; constituencies depend on the index.
CODES: dict[CatchmentKind, Callable[[str], str]] = {
    CatchmentKind.OUTCODE: lambda text: str(Outcode.parse(text)),
    CatchmentKind.SECTOR: lambda text: str(Sector.parse(text)),
    CatchmentKind.DISTRICT: _district,
}
