"""Postcode directories as they are downloaded, a few rows long, written for a test.

The columns are those of the real ones that count, among others that do not.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Row = tuple[str, str, str, str, str, str, str, str]
"""Postcode, district, easting, northing, latitude, longitude, constituency, month it ended."""

ROWS: Sequence[Row] = (
    ("E11 1AA", "E09000031", "539500", "0187800", "51.571710", "0.011500", "E14001339", ""),
    ("E11 1AB", "E09000031", "539600", "0187900", "51.572600", "0.013000", "E14001340", ""),
    ("E11 1AD", "E09000031", "539700", "0187950", "51.573000", "0.014400", "E14001340", "202410"),
    ("E11 1AE", "E09000026", "540500", "0188950", "51.581800", "0.026300", "E14001340", ""),
    ("CF374TS", "W06000016", "307200", "0190000", "51.601700", "-3.341100", "W07000100", ""),
    ("N1P 1AA", "", "", "", "99.999999", "0.000000", "", ""),
    ("BT1 5GS", "N09000003", "333870", "0374030", "54.596700", "-5.930000", "N05000001", ""),
    ("JE2 4WD", "L99999999", "", "", "99.999999", "0.000000", "L99999999", ""),
    ("IM1 1AA", "M99999999", "", "", "99.999999", "0.000000", "M99999999", "199912"),
)
VINTAGES: Mapping[str, Sequence[str]] = {
    "2018-05": (
        *("pcd", "pcd2", "pcds", "dointr", "doterm", "oscty", "oslaua", "oseast1m", "osnrth1m"),
        *("osgrdind", "ctry", "rgn", "pcon", "lat", "long", "imd"),
    ),
    "2024-08": (
        *("pcd", "pcd2", "pcds", "dointr", "doterm", "oscty", "ced", "oslaua", "osward"),
        *("usertype", "oseast1m", "osnrth1m", "osgrdind", "rgn", "pcon", "icb", "lat", "long"),
    ),
    "2025-11": (
        *("pcd7", "pcd8", "pcds", "dointr", "doterm", "cty25cd", "ced25cd", "lad25cd", "wd25cd"),
        *("usrtypind", "east1m", "north1m", "gridind", "rgn25cd", "pcon24cd", "lat", "long"),
    ),
}
MONTHS = {"05": "MAY", "08": "AUG", "11": "NOV"}

CODE_POINT_ROWS = (
    ("E11 1AA", "10", "539500", "187800", "E92000001", "", "", "", "E09000031", "E05013882"),
    ("CF374TS", "10", "307200", "190000", "W92000004", "", "W11000030", "", "W06000016", "W05001"),
    ("SO160AS", "90", "0", "0", "E92000001", "E19000002", "E18000009", "E10000014", "", ""),
)
CODE_POINT_HEADER = (
    ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC"),
    (
        *("Postcode", "Positional_quality_indicator", "Eastings", "Northings", "Country_code"),
        *("NHS_regional_HA_code", "NHS_HA_code", "Admin_county_code", "Admin_district_code"),
        "Admin_ward_code",
    ),
)


def name_of(vintage: str) -> str:
    year, month = vintage.split("-")
    return f"ONSPD_{MONTHS[month]}_{year}_UK"


def onspd(vintage: str, rows: Iterable[Row] = ROWS, *, without: Iterable[str] = ()) -> bytes:
    """The file of a vintage."""
    header = [name for name in VINTAGES[vintage] if name not in without]
    return written([header, *([_cell(name, row) for name in header] for row in rows)])


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file, quoted and with the line ends of the real ones."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip of files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _cell(name: str, row: Row) -> str:
    postcode, district, east, north, lat, lon, constituency, ended = row
    compact = postcode.replace(" ", "")
    cells = {
        "pcd": f"{compact[:-3]:<4}{compact[-3:]}",
        "pcd7": f"{compact[:-3]:<4}{compact[-3:]}",
        "pcd2": f"{compact[:-3]:<4} {compact[-3:]}",
        "pcd8": f"{compact[:-3]:<4} {compact[-3:]}",
        "pcds": f"{compact[:-3]} {compact[-3:]}",
        "dointr": "198001",
        "doterm": ended,
        "lat": lat,
        "long": lon,
    }
    for names, value in (
        (("oslaua", "lad25cd"), district),
        (("oseast1m", "east1m"), east),
        (("osnrth1m", "north1m"), north),
        (("osgrdind", "gridind"), "1" if east else "9"),
        (("pcon", "pcon24cd"), constituency),
    ):
        cells |= dict.fromkeys(names, value)
    return cells.get(name, "S99999999")
