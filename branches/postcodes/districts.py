"""Which region each local authority district lies in.

Facts of the ONS Register of Geographic Codes and its lookups of districts to regions, with the
codes of April 2025 and those withdrawn since 2009: a code that an older directory still carries is
answered for as well as a new one. Region and district are exact for every postcode, as a postcode
area is not (one postcode in twenty lies outside the region that most of its area is in).
"""

from types import MappingProxyType

NORTH_EAST = "E12000001"
NORTH_WEST = "E12000002"
YORKSHIRE = "E12000003"
EAST_MIDLANDS = "E12000004"
WEST_MIDLANDS = "E12000005"
EASTERN = "E12000006"
LONDON = "E12000007"
SOUTH_EAST = "E12000008"
SOUTH_WEST = "E12000009"
SCOTLAND = "S92000003"
WALES = "W92000004"
NORTHERN_IRELAND = "N92000002"

REGIONS_BY_NAME = MappingProxyType(
    {
        "North East": NORTH_EAST,
        "North West": NORTH_WEST,
        "Yorkshire and The Humber": YORKSHIRE,
        "East Midlands": EAST_MIDLANDS,
        "West Midlands": WEST_MIDLANDS,
        "East of England": EASTERN,
        "London": LONDON,
        "South East": SOUTH_EAST,
        "South West": SOUTH_WEST,
    }
)
"""The English regions by the names that the ONS gives them."""
COUNTRIES_BY_NAME = MappingProxyType({"Scotland": SCOTLAND, "Wales": WALES})
"""The countries of Great Britain that have no English regions."""

# A kind of district (E06 unitary, E07 shire, E08 metropolitan) and the numbers of the region's own.
_ENGLAND = {
    NORTH_EAST: (
        ("E06", "1-5 47 57"),
        ("E08", "21-24 37"),
        ("E06", "48"),  # Northumberland until 2013
        ("E07", "54-60 157-162"),  # County Durham and Northumberland until 2009
        ("E08", "20"),  # Gateshead until 2013
    ),
    NORTH_WEST: (
        ("E06", "6-9 49-50 63-64"),
        ("E07", "117-128"),
        ("E08", "1-15"),
        ("E07", "13-18"),  # Cheshire until 2009
        ("E07", "26-31"),  # Cumbria until 2023
    ),
    YORKSHIRE: (
        ("E06", "10-14 65"),
        ("E08", "17-18 32-36 38-39"),
        ("E07", "163-169"),  # North Yorkshire until 2023
        ("E08", "16 19"),  # Barnsley and Sheffield until 2025
    ),
    EAST_MIDLANDS: (
        ("E06", "15-18 61-62"),
        ("E07", "32-39 129-142 170-176"),
        ("E07", "150-156"),  # Northamptonshire until 2021
    ),
    WEST_MIDLANDS: (
        ("E06", "19-21 51"),
        ("E07", "192-199 218-222 234-239"),
        ("E08", "25-31"),
        ("E07", "182-186"),  # Shropshire until 2009
    ),
    EASTERN: (
        ("E06", "31-34 55-56"),
        ("E07", "8-12 66-77 95-96 98-99 102-103 143-149 200 202-203 240-245"),
        ("E07", "1-3"),  # Bedfordshire until 2009
        ("E07", "97 100-101 104"),  # Hertfordshire, before changes of boundary
        ("E07", "201 204-206"),  # Suffolk until 2019
    ),
    LONDON: (("E09", "1-33"),),
    SOUTH_EAST: (
        ("E06", "35-46 60"),
        ("E07", "61-65 84-94 105-116 177-181 207-217 223-229"),
        ("E07", "4-7"),  # Buckinghamshire until 2020
    ),
    SOUTH_WEST: (
        ("E06", "22-27 30 52-54 58-59 66"),
        ("E07", "40-47 78-83"),
        ("E06", "28-29"),  # Bournemouth and Poole until 2019
        ("E07", "19-25"),  # Cornwall and Scilly until 2009
        ("E07", "48-53"),  # Dorset until 2019
        ("E07", "187-191 246"),  # Somerset until 2023
        ("E07", "230-233"),  # Wiltshire until 2009
    ),
}
_COUNTRIES = {"S12": SCOTLAND, "W06": WALES, "N09": NORTHERN_IRELAND}
_CODE_LENGTH = 9


def _codes(kind: str, numbers: str) -> list[str]:
    codes = []
    for span in numbers.split():
        first, _, last = span.partition("-")
        codes += [f"{kind}{number:06}" for number in range(int(first), int(last or first) + 1)]
    return codes


_REGION_OF = MappingProxyType(
    {
        code: region
        for region, districts in _ENGLAND.items()
        for kind, numbers in districts
        for code in _codes(kind, numbers)
    },
)


def region_of(district_code: str) -> str | None:
    """Give the ONS code of the region, or of the country outside England, that a district is in.

    None for a code that is no district of the United Kingdom, such as a Crown dependency's.
    """
    region = _REGION_OF.get(district_code)
    if region:
        return region
    digits = district_code[3:]
    if len(district_code) == _CODE_LENGTH and digits.isascii() and digits.isdigit():
        return _COUNTRIES.get(district_code[:3])
    return None
