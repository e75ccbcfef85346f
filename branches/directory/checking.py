"""What the directory's rows must be like: each file read into values, or its faults noted."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from branches.directory import cells
from branches.directory.sheets import BRANCHES, CATCHMENTS, REGIONS, Once, Row, Sheet
from branches.models import LONGEST_NAME, BranchStatus, CatchmentKind
from branches.postcodes import Postcode, special
from branches.postcodes.districts import region_of
from branches.postcodes.index import Place, Placeless
from core.addresses import EmailAddress, NotAPhoneNumber, PhoneNumber

PlaceOf: TypeAlias = Callable[[Postcode], Place | Placeless | None]
"""Where a postcode is; the index's `find`."""

REGION_COLUMNS = ("slug", "name", "phone", "display", "ons_code", "notify_email")
BRANCH_COLUMNS = (
    *("slug", "name", "region", "postcode", "lat", "lon", "place", "meets", "email", "phone"),
    *("status", "opened", "closed", "sample"),
)
CATCHMENT_COLUMNS = ("branch", "kind", "code")

_LONGEST_DISPLAY = 24
_LONGEST_PLACE = 120
_LONGEST_MEETS = 500
_YES = ("yes", "true", "1")
_NO = ("no", "false", "0", "")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A sound row of `regions.csv`."""

    slug: str
    name: str
    phone: str
    display: str
    ons_code: str
    notify_email: str


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A sound row of `branches.csv`; the position is in degrees (WGS84), five decimals."""

    slug: str
    name: str
    region: str
    postcode: str
    lat: float
    lon: float
    position_given: bool
    place: str
    meets: str
    email: str | None
    phone: str | None
    status: BranchStatus
    opened: dt.date | None
    closed: dt.date | None
    sample: bool


@dataclass(frozen=True, slots=True)
class CatchmentRow:
    """A sound row of `catchments.csv`, its code in the one spelling that look-ups use."""

    branch: str
    kind: CatchmentKind
    code: str


def regions_in(sheet: Sheet, content: bytes | None) -> list[RegionRow]:
    """Read `regions.csv`; without a fault in the sheet, what comes back is sound."""
    slugs, codes = Once(), Once()
    found = []
    for row in sheet.rows(content):
        phone = row.parsed("phone", PhoneNumber.parse)
        email = row.parsed("notify_email", EmailAddress.parse)
        region = RegionRow(
            slug=row.slug("slug"),
            name=row.text("name", longest=LONGEST_NAME, needed=True),
            phone=phone.e164 if phone else "",
            display=_display(row, phone),
            ons_code=row.parsed("ons_code", cells.ons_code) or "",
            notify_email=email.text if email else "",
        )
        slugs(row, "slug", region.slug)
        codes(row, "ons_code", region.ons_code)
        found.append(region)
    if sheet.usable and not found:
        sheet.fault(1, "", "there is no region in it")
    return found


def branches_in(
    sheet: Sheet,
    content: bytes | None,
    *,
    regions: list[RegionRow] | None,
    place_of: PlaceOf | None,
    today: dt.date,
) -> list[BranchRow]:
    """Read `branches.csv`; `regions` is None where there are none to be held against."""
    slugs = Once()
    found = []
    for row in sheet.rows(content):
        email = row.optional("email", EmailAddress.parse)
        phone = row.optional("phone", PhoneNumber.parse)
        given = bool(row.cells["lat"] or row.cells["lon"])
        lat, lon = _position(row, regions=regions, place_of=place_of, given=given)
        status, opened, closed = _life(row, today)
        branch = BranchRow(
            slug=row.slug("slug"),
            name=row.text("name", longest=LONGEST_NAME, needed=True),
            region=_region(row, regions),
            postcode=str(row.optional("postcode", Postcode.parse) or ""),
            lat=lat,
            lon=lon,
            position_given=given,
            place=row.text("place", longest=_LONGEST_PLACE),
            meets=row.text("meets", longest=_LONGEST_MEETS, lines=True),
            email=email.text if email else None,
            phone=phone.e164 if phone else None,
            status=status,
            opened=opened,
            closed=closed,
            sample=row.one_of("sample", (*_YES, *_NO)) in _YES,
        )
        slugs(row, "slug", branch.slug)
        found.append(branch)
    return found


def catchments_in(
    sheet: Sheet,
    content: bytes | None,
    *,
    branches: list[BranchRow] | None,
    areas: cells.Areas | None,
) -> list[CatchmentRow]:
    """Read `catchments.csv`; `branches` is None where there are none to be held against.

    `areas` is the index, or None where none is built.
    """
    once = Once()
    codes = cells.codes(areas)
    slugs = {branch.slug for branch in branches or []}
    kinds = tuple(CatchmentKind)
    found = []
    for row in sheet.rows(content):
        branch = row.slug("branch")
        if branch and branches is not None and branch not in slugs:
            row.fault("branch", f"is not a branch of {BRANCHES}")
        kind = row.one_of("kind", kinds)
        code = row.parsed("code", codes[CatchmentKind(kind)]) if kind else None
        if code:
            once(row, "code", (kind, code))
            found.append(CatchmentRow(branch, CatchmentKind(kind), code))
    return found


def _display(row: Row, phone: PhoneNumber | None) -> str:
    """Read how a number is printed; it must not be another one than is dialled."""
    display = row.text("display", longest=_LONGEST_DISPLAY, needed=True)
    if display and phone:
        try:
            same = PhoneNumber.parse(display) == phone
        except NotAPhoneNumber:
            same = False
        if not same:
            row.fault("display", "is not the number under phone")
    return display


def _region(row: Row, regions: list[RegionRow] | None) -> str:
    slug = row.slug("region")
    if slug and regions is not None and slug not in {region.slug for region in regions}:
        row.fault("region", f"is not a region of {REGIONS}")
    return slug


def _position(
    row: Row, *, regions: list[RegionRow] | None, place_of: PlaceOf | None, given: bool
) -> tuple[float, float]:
    """Degrees as given, or else the postcode's; the postcode must lie within the regions."""
    postcode = row.parsed("postcode", Postcode.parse)
    place = place_of(postcode) if place_of and postcode else None
    if postcode and special(postcode):
        row.fault("postcode", "has no place in Great Britain")
    elif isinstance(place, Place):
        covered = {region.ons_code for region in regions or []}
        if regions is not None and region_of(place.district) not in covered:
            row.fault("postcode", "lies in none of the regions")
    elif postcode and not given:
        row.fault("postcode", _why_nowhere(place, place_of))
    if given:
        lat, lon = row.parsed("lat", cells.degrees("lat")), row.parsed("lon", cells.degrees("lon"))
        return lat or 0.0, lon or 0.0
    return (round(place.lat, 5), round(place.lon, 5)) if isinstance(place, Place) else (0.0, 0.0)


def _why_nowhere(place: Place | Placeless | None, place_of: PlaceOf | None) -> str:
    if place_of is None:
        return "cannot be placed while there is no postcode index: build it, or give lat and lon"
    if isinstance(place, Placeless):
        return "is for post only and has no place: give another, or lat and lon"
    return "is not in the postcode index: check it, or give lat and lon"


def _life(row: Row, today: dt.date) -> tuple[BranchStatus, dt.date | None, dt.date | None]:
    """Read whether a branch is open, and from when till when."""
    status = row.one_of("status", tuple(BranchStatus))
    opened, closed = row.optional("opened", cells.date), row.optional("closed", cells.date)
    if opened and closed and closed < opened:
        row.fault("closed", "is before it opened")
    if status == BranchStatus.CLOSED:
        if closed and closed > today:
            row.fault("closed", "is still to come: the branch is open until then")
        if opened and opened > today:
            row.fault("opened", "is still to come: the branch cannot be closed yet")
    return BranchStatus(status or BranchStatus.OPEN), opened, closed


@dataclass(frozen=True, slots=True)
class Sheets:
    """The three files, read and sound together."""

    regions: Sheet
    branches: Sheet
    catchments: Sheet

    @classmethod
    def fresh(cls) -> "Sheets":
        """Three sheets that nothing has been read into."""
        return cls(
            Sheet(REGIONS, REGION_COLUMNS),
            Sheet(BRANCHES, BRANCH_COLUMNS),
            Sheet(CATCHMENTS, CATCHMENT_COLUMNS),
        )
