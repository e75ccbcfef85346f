from math import cos, hypot, radians

import pytest

from branches.postcodes import (
    Centre,
    Outcode,
    Place,
    Placeless,
    Postcode,
    PostcodeIndex,
    Sector,
    region_of,
    understand,
)
from branches.postcodes.building import release, source

pytestmark = pytest.mark.index

LARGEST = 13_000_000


@pytest.mark.parametrize(
    ("text", "lat", "lon", "district"),
    [
        ("SW1A 1AA", 51.50101, -0.14159, "E09000033"),  # Buckingham Palace
        ("SW1A 2AA", 51.50354, -0.12767, "E09000033"),  # Downing Street
        ("SW1A 0AA", 51.49984, -0.12466, "E09000033"),  # House of Commons
        ("NW1 2DB", 51.5299, -0.1270, "E09000007"),  # British Library
        ("WC1B 3DG", 51.5194, -0.1270, "E09000007"),  # British Museum
        ("EH99 1SP", 55.9520, -3.1747, "S12000036"),  # Scottish Parliament
        ("EH8 8DX", 55.9527, -3.1723, "S12000036"),  # Holyrood Palace
        ("CF99 1SN", 51.4639, -3.1621, "W06000015"),  # Senedd
        ("BA1 1LZ", 51.3810, -2.3597, "E06000022"),  # Roman Baths
        ("YO1 7HH", 53.9619, -1.0819, "E06000014"),  # York Minster
        ("CB2 1ST", 52.2043, 0.1166, "E07000008"),  # King's College
        ("B3 3DH", 52.4803, -1.9034, "E08000025"),  # Birmingham Museum
        ("LS1 3AD", 53.8000, -1.5497, "E08000035"),  # Leeds Town Hall
        ("NG1 2DT", 52.9535, -1.1497, "E06000018"),  # Nottingham's Old Market Square
        ("WR1 2LA", 52.1886, -2.2213, "E07000237"),  # Worcester Cathedral
    ],
)
def test_a_well_known_place_is_where_everybody_knows_it_is(
    text: str, lat: float, lon: float, district: str, built_index: PostcodeIndex
) -> None:
    found = built_index.find(Postcode.parse(text))
    assert isinstance(found, Place)
    metres = hypot(found.lat - lat, (found.lon - lon) * cos(radians(lat))) * 111_195
    assert metres < 100
    assert found.district == district


def test_the_index_holds_every_postcode_of_great_britain(built_index: PostcodeIndex) -> None:
    assert built_index.info.rows > 2_600_000
    assert built_index.info.size <= LARGEST
    assert built_index.info.source == source()
    assert built_index.info.release == release()


@pytest.mark.parametrize("text", ["W1R 1AA", "NPT 1AA", "AB1 0AA"])
def test_postcodes_no_longer_in_use_have_their_place(text: str, built_index: PostcodeIndex) -> None:
    assert isinstance(built_index.find(Postcode.parse(text)), Place)


@pytest.mark.parametrize("text", ["ZZ99 9ZZ", "Q1 1AA", "BX1 1LT", "BF1 0AX", "E11 1CC", "M1 0VV"])
def test_postcodes_that_do_not_exist_are_unknown(text: str, built_index: PostcodeIndex) -> None:
    postcode = Postcode.parse(text)
    assert built_index.find(postcode) is None
    assert not built_index.knows(postcode)


@pytest.mark.parametrize("text", ["BT1 5GS", "JE2 4WD", "GY1 1AA", "IM1 1AA"])
def test_postcodes_outside_great_britain_are_left_out(
    text: str, built_index: PostcodeIndex
) -> None:
    postcode = Postcode.parse(text)
    assert not built_index.knows(postcode)
    assert not built_index.has_outcode(postcode.outcode)


def test_a_postcode_that_is_nowhere_is_known(built_index: PostcodeIndex) -> None:
    assert built_index.find(Postcode.parse("GIR 0AA")) == Placeless()


def test_a_sector_and_an_outcode_are_about_where_their_postcodes_are(
    built_index: PostcodeIndex,
) -> None:
    sector = built_index.sector(Sector("E11", "1"))
    outcode = built_index.outcode(Outcode("E11"))
    assert isinstance(sector, Centre)
    assert isinstance(outcode, Centre)
    for found in (sector, outcode):
        assert found.lat == pytest.approx(51.57, abs=0.02)
        assert found.lon == pytest.approx(0.01, abs=0.03)
        assert "E09000031" in found.districts
        assert 200 < found.radius < 3000
    assert outcode.postcodes > sector.postcodes


def test_an_outcode_may_lie_in_two_countries(built_index: PostcodeIndex) -> None:
    found = built_index.outcode(Outcode("SY10"))
    assert isinstance(found, Centre)
    assert {region_of(district) for district in found.districts} >= {"E12000005", "W92000004"}


def test_a_letter_o_typed_for_a_nought_is_understood(built_index: PostcodeIndex) -> None:
    assert understand("S1O 2TN", built_index.knows) == Postcode("S10", "2TN")
