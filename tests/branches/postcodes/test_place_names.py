import re
from collections import defaultdict
from itertools import product
from math import cos, hypot, radians
from pathlib import Path
from string import ascii_uppercase, digits

import pytest

from branches.postcodes import Centre, Outcode, Placeless, PostcodeIndex
from branches.postcodes.place_names import NotATable, is_nowhere, place_name, read_table

TABLE = Path(__file__).resolve().parents[3] / "branches" / "postcodes" / "place_names.txt"
NAMES = read_table(TABLE.read_text("utf-8"))
NAMED = {outcode: name for outcode, name in NAMES.items() if name}
WORDS = re.compile(r"[A-Z][A-Za-zŷ]*(?:[' -][A-Za-z]+)*")
# The words within a name that have no capital, as in Wells-next-the-Sea.
SMALL = {"bont", "by", "de", "gongl", "in", "la", "le", "next", "of", "on", "over", "sub"}
SMALL |= {"super", "the", "under", "upon", "y"}


def _outcodes_of(index: PostcodeIndex) -> list[str]:
    """Every outcode that the index has, found by asking after all that there could be."""
    areas = ["".join(pair) for pair in product(ascii_uppercase, ["", *ascii_uppercase])]
    numbers = ["".join(pair) for pair in product(digits, ["", *digits, *ascii_uppercase])]
    shaped = (f"{area}{number}" for area, number in product(areas, numbers))
    return [code for code in (*shaped, "NPT", "GIR") if index.has_outcode(Outcode(code))]


@pytest.mark.parametrize(
    ("outcode", "name"),
    [
        ("E11", "Leytonstone"),
        ("E17", "Walthamstow"),
        ("E1W", "Wapping"),
        ("EC2Y", "Barbican"),
        ("N1C", "King's Cross"),
        ("NW9", "Colindale"),
        ("SE28", "Thamesmead"),
        ("SW1A", "Westminster"),
        ("SW2", "Brixton"),
        ("W1F", "Soho"),
        ("WC1B", "Bloomsbury"),
        ("CR0", "Croydon"),
        ("B13", "Moseley"),
        ("B1", "Birmingham"),
        ("M14", "Manchester"),
        ("M33", "Sale"),
        ("L1", "Liverpool"),
        ("LS6", "Leeds"),
        ("S10", "Sheffield"),
        ("NE1", "Newcastle upon Tyne"),
        ("ST5", "Newcastle-under-Lyme"),
        ("BS8", "Bristol"),
        ("BH18", "Broadstone"),
        ("TR21", "Isles of Scilly"),
        ("SG3", "Knebworth"),
        ("LL57", "Bangor"),
        ("LL63", "Tŷ Croes"),
        ("CF37", "Pontypridd"),
        ("SA42", "Newport"),
        ("EH8", "Edinburgh"),
        ("HS1", "Stornoway"),
        ("ZE1", "Lerwick"),
        ("YO51", "Boroughbridge"),
        ("NPT", "Newport"),
    ],
)
def test_an_outcode_has_the_name_that_people_use(outcode: str, name: str) -> None:
    assert place_name(outcode) == name
    assert not is_nowhere(outcode)


@pytest.mark.parametrize("outcode", ["", "E", "ZZ9", "E99", "e11", "E11 1AA", "BT1", "JE2", "BF1"])
def test_what_is_unknown_or_elsewhere_has_no_name(outcode: str) -> None:
    assert place_name(outcode) is None
    assert not is_nowhere(outcode)


@pytest.mark.parametrize("outcode", ["CR9", "W1A", "SA99", "CF99", "BS98", "N1P"])
def test_large_users_of_mail_are_nowhere(outcode: str) -> None:
    assert place_name(outcode) is None
    assert is_nowhere(outcode)


@pytest.mark.parametrize("outcode", ["CM0", "DL8", "GL17", "IP21", "SY22", "SY24"])
def test_an_outcode_that_towns_of_a_size_share_has_no_name(outcode: str) -> None:
    assert place_name(outcode) is None


def test_every_outcode_of_the_table_is_one_in_its_own_spelling() -> None:
    assert [outcode for outcode in NAMES if Outcode.parse(outcode).code != outcode] == []


def test_every_name_is_clean() -> None:
    names = set(NAMED.values())
    words = {word for name in names for word in re.split("[ -]", name)}
    assert [name for name in names if not WORDS.fullmatch(name)] == []
    assert {word for word in words if word.islower()} == SMALL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("E: Bow 3, Plaistow", "E has an entry that is not a name and its numbers: Plaistow"),
        ("E: 3", "E has an entry that is not a name and its numbers: 3"),
        ("E: Bow 3,Poplar 14", "E has an entry that is not a name and its numbers"),
        ("E", "E has an entry that is not a name and its numbers"),
        ("E: Bow 3\nE: Poplar 2-14", "E names an outcode twice: Poplar 2-14"),
    ],
)
def test_a_table_with_a_fault_is_refused(text: str, words: str) -> None:
    with pytest.raises(NotATable, match=words):
        read_table(text)


@pytest.mark.index
def test_nearly_every_outcode_of_the_index_is_named_or_nowhere(built_index: PostcodeIndex) -> None:
    outcodes = _outcodes_of(built_index)
    somewhere = [outcode for outcode in outcodes if not is_nowhere(outcode)]
    assert len(outcodes) > 3_000
    assert len(outcodes) - len(somewhere) < 200
    assert sum(outcode in NAMED for outcode in somewhere) >= 0.99 * len(somewhere)


@pytest.mark.index
def test_every_outcode_of_the_table_is_in_the_index(built_index: PostcodeIndex) -> None:
    assert [outcode for outcode in NAMES if not built_index.has_outcode(Outcode(outcode))] == []


@pytest.mark.index
def test_nearly_every_postcode_is_in_an_outcode_with_a_name(built_index: PostcodeIndex) -> None:
    named = total = 0
    for outcode in _outcodes_of(built_index):
        centre = built_index.outcode(Outcode(outcode))
        if isinstance(centre, Centre):
            total += centre.postcodes
            named += centre.postcodes if outcode in NAMED else 0
    assert named > 0.97 * total


@pytest.mark.index
def test_outcodes_of_one_name_lie_together(built_index: PostcodeIndex) -> None:
    together = defaultdict(list)
    for outcode, name in NAMED.items():
        centre = built_index.outcode(Outcode(outcode))
        assert not isinstance(centre, Placeless | None), outcode
        together[Outcode(outcode).area, name].append((outcode, centre))
    apart = [
        outcode
        for outcodes in together.values()
        if len(outcodes) > 1
        for outcode, centre in outcodes
        if min(_apart(centre, other) for near, other in outcodes if near != outcode) > 32
    ]
    # Shetland's two are its mainland and isles, and the south of its mainland.
    assert sorted(apart) == ["ZE2", "ZE3"]


def _apart(one: Centre, other: Centre) -> float:
    """Kilometres, closely enough for neighbours."""
    along = (one.lon - other.lon) * cos(radians(one.lat))
    return hypot(one.lat - other.lat, along) * 111.2
