"""How long it takes to find a postcode and its nearest branch, beside going through every branch.

    python -m benchmarks.locating [instance/postcodes.idx]

The branches are put where people live: each at a postcode picked at random. All ways are timed in
the same run and on the same postcodes, so that their ratios mean the same on every machine.
"""

import datetime as dt
import os
import random
import sys
from collections.abc import Callable, Iterable
from math import inf
from pathlib import Path
from time import perf_counter

from benchmarks.postcode_index import known_postcodes
from branches.charting import Chart, nearest_of, unit
from branches.locating import Locating, parse
from branches.postcodes import NotAnIndex, Place, Postcode, PostcodeIndex, region_of
from branches.snapshot import Directory, OpenBranch, OpenRegion

AREAS = ("E", "M", "CF", "TR", "B", "LS", "NE", "BS", "NR", "DE", "CB", "OX", "LL", "SW", "PL")
REGIONS = (*(f"E1200000{number}" for number in range(1, 10)), "W92000004")
QUERIES = 3000
SCANNED = 200
CUT_OFF_KM = 60.0
DAY = dt.date(2026, 11, 22)


def regions() -> dict[str, OpenRegion]:
    """One region for each English one and for Wales."""
    return {
        code: OpenRegion(number, f"region-{number}", f"Region {number}", "", "", code, "")
        for number, code in enumerate(REGIONS, start=1)
    }


def directory(places: Iterable[Place]) -> Directory:
    """A directory with an open branch at each place."""
    known = regions()
    branches: dict[int, list[OpenBranch]] = {region.id: [] for region in known.values()}
    for number, place in enumerate(places):
        region = known.get(region_of(place.district) or "")
        if region:
            branches[region.id].append(branch(number, region, place))
    return Directory(
        version=1,
        today=DAY,
        regions=tuple(known.values()),
        branches={key: tuple(found) for key, found in branches.items()},
        catchments={},
    )


def branch(number: int, region: OpenRegion, place: Place) -> OpenBranch:
    """A branch with nothing to it but where it is."""
    return OpenBranch(
        id=number,
        slug=f"branch-{number}",
        name=f"Branch {number}",
        region=region,
        lat=place.lat,
        lon=place.lon,
        place="",
        meets="",
        email=None,
        phone=None,
        sample=True,
        unit=unit(place.lat, place.lon),
    )


def timed(ask: Callable[[Postcode], object], queries: list[Postcode]) -> tuple[float, float]:
    """Microseconds that half of the queries take at most, and that 99 in 100 take."""
    took = []
    for query in queries:
        began = perf_counter()
        ask(query)
        took.append(perf_counter() - began)
    took.sort()
    return took[len(took) // 2] * 1e6, took[len(took) * 99 // 100] * 1e6


def measure(index: PostcodeIndex, postcodes: list[Postcode], many: int) -> None:
    """Time everything over so many branches, and print a line for each way."""
    placed = [
        (postcode, found)
        for postcode in postcodes
        if isinstance(found := index.find(postcode), Place)
    ]
    spread = directory(place for _, place in placed[:many])
    queries = [postcode for postcode, _ in placed[-QUERIES:]]
    everybody = list(spread.all_branches())
    chart = Chart(everybody)
    locating = Locating(spread, index, CUT_OFF_KM)

    def scan(postcode: Postcode) -> object:
        place = index.find(postcode)
        return isinstance(place, Place) and nearest_of(place.lat, place.lon, everybody, most=3)

    def charted(postcode: Postcode) -> object:
        place = index.find(postcode)
        return isinstance(place, Place) and chart.nearest(place.lat, place.lon)

    def typed(postcode: Postcode) -> object:
        return locating.locate(parse(str(postcode), index))

    plain, _ = timed(scan, queries[:SCANNED])
    for name, ask in (
        ("find", index.find),
        ("find + chart, cold", charted),
        ("find + chart", charted),
        ("locate, cold", locating.locate),
        ("locate", locating.locate),
        ("read + locate", typed),
    ):
        half, most = timed(ask, queries)
        tell(f"{many:>6,}  {name:<20} p50 {half:7.1f} us  p99 {most:7.1f} us", plain / half)
    tell(f"{many:>6,}  {'find + plain scan':<20} p50 {plain:7.1f} us", 1)


def tell(words: str, ratio: float) -> None:
    """Print a line."""
    sys.stdout.write(f"{words:<62} {ratio:8.1f} times as fast as the scan\n")


def own_megabytes() -> float:
    """Memory of this process that is resident and shared with no other (Linux; elsewhere 0)."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        return 0.0
    resident, shared = (int(field) for field in pages.read_text(encoding="ascii").split()[1:3])
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    """Measure and print; 1 when there is no index."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "instance/postcodes.idx")
    best = inf
    try:
        before = own_megabytes()
        index = PostcodeIndex.open(path)
        grown = own_megabytes() - before
        for _ in range(3):
            began = perf_counter()
            PostcodeIndex.open(path).close()
            best = min(best, perf_counter() - began)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(
        f"opening: {best * 1e3:.1f} ms; {grown:.1f} MB a process,"
        f" and {index.info.size / 1e6:.1f} MB at most that are shared by all\n"
    )
    postcodes = known_postcodes(index, AREAS)
    random.Random(2).shuffle(postcodes)  # noqa: S311 -- an order, not a secret
    for many in (300, 10_000):
        measure(index, postcodes, many)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
