"""What several measurements stand on: a real database of a made-up directory, out of the index.

The branches are put where people live: each at a postcode picked at random.
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from branches.directory import BRANCHES, CATCHMENTS, REGIONS, load
from branches.postcodes import Place, Postcode, PostcodeIndex, layout, region_of
from config import ROOT
from core.clock import day_in_london
from core.database import Database
from core.schema import upgrade

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE, _LETTERS = len(_DIGITS), layout.LETTERS
_BRANCH = "slug,name,region,postcode,lat,lon,place,meets,email,phone,status,opened,closed,sample"


def every_postcode(path: Path) -> Iterator[str]:
    """Give every postcode of an index as it is written, in order."""
    with path.open("rb") as file:
        sections = layout.check(file).sections
    whole = path.read_bytes()
    (first, size), (sectors, _) = sections["keys"], sections["sectors"]
    for row, key in enumerate(memoryview(whole[first : first + size]).cast("I")):
        sector, units = "", layout.SECTOR.unpack_from(whole, sectors + row * layout.SECTOR.size)[-1]
        while key:
            key, figure = divmod(key, _BASE)  # noqa: PLW2901 -- taken apart figure by figure
            sector = _DIGITS[figure] + sector
        among = int.from_bytes(units, "little")
        for unit in range(_LETTERS * _LETTERS):
            if among >> unit & 1:
                second, third = divmod(unit, _LETTERS)
                yield f"{sector[:-1]} {sector[-1]}{_DIGITS[10 + second]}{_DIGITS[10 + third]}"


def picked(path: Path, many: int) -> list[str]:
    """Give so many postcodes of an index, each once, the same ones every time."""
    found = list(every_postcode(path))
    return random.Random(3).sample(found, min(many, len(found)))  # noqa: S311 -- not a secret


def fill(url: str, index: PostcodeIndex, postcodes: list[str], many: int) -> None:
    """Make a database at a URL with so many branches, at the first of these postcodes that do."""
    database = Database(url)
    upgrade(database.engine)
    today = day_in_london(datetime.now(UTC))
    with database.transaction() as session:
        load(session, _files(index, postcodes, many), place_of=index.find, today=today)
    database.engine.dispose()


def _files(index: PostcodeIndex, postcodes: list[str], many: int) -> dict[str, bytes]:
    """Put branches into the regions that the project ships."""
    regions = (ROOT / "directory" / REGIONS).read_bytes()
    slugs = {row["ons_code"]: row["slug"] for row in csv.DictReader(io.StringIO(regions.decode()))}
    lines = [_BRANCH]
    for number, postcode in enumerate(postcodes):
        place = index.find(Postcode.parse(postcode))
        region = slugs.get(region_of(place.district) or "") if isinstance(place, Place) else None
        if region and len(lines) <= many:
            lines.append(
                f"branch-{number},Branch {number},{region},{postcode},,,Hall,Mondays at 7pm,,"
                "07700 900123,open,,,no"
            )
    return {
        REGIONS: regions,
        BRANCHES: "\n".join(lines).encode(),
        CATCHMENTS: b"branch,kind,code\n",
    }
