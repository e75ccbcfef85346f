"""The organisation's file: read whole, checked whole."""

import datetime as dt
import json
from dataclasses import fields
from pathlib import Path

import pytest

from config import ROOT
from core.defence import Defence
from core.money import Money
from core.organisation import CardFee, Limits, Organisation, Phone, load

RATE = {"slug": "standard", "name": "Standard", "amount": "10"}
LEAST: dict[str, object] = {
    "name": "Made-up Party",
    "short_name": "Party",
    "phone": "020 8988 8777",
    "rates": [RATE],
}
APPEAL = {"title": "Fund", "target": "25,000", "starts": dt.date(2026, 10, 1)}
NOT_TEXT: tuple[object, ...] = (1, 1.5, True, [], {}, ["words"], {"key": "words"})
NOT_A_TABLE: tuple[object, ...] = (1, "words", True, ["words"], [1], [[]])
NOT_ROWS: tuple[object, ...] = (1, "words", {}, ["words"], [1])
NOT_WHOLE: tuple[object, ...] = (0, -1, 1.5, True, "10", [], {})


def toml(table: dict[str, object]) -> str:
    """Write a table on one line each key, which is all of TOML that these tests need."""
    return "\n".join(f"{json.dumps(key)} = {_value(value)}" for key, value in table.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)} = {_value(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    return str(value) if isinstance(value, dt.date) else json.dumps(value)


def read(folder: Path, **but: object) -> tuple[Organisation, list[str]]:
    file = folder / "organisation.toml"
    file.write_text(toml({**LEAST, **but}), encoding="utf-8")
    return load(file)


def test_the_shipped_file_is_sound() -> None:
    found, faults = load(ROOT / "organisation.toml")

    assert faults == []
    assert found.name == "Socialist Party (England and Wales)"
    assert found.phone == Phone("+442089888777", "020 8988 8777")
    assert found.text_line == Phone("+447761818206", "07761 818 206")
    assert found.minimum_age == 16
    assert not found.imprint.complete
    assert [(appeal.slug, appeal.target) for appeal in found.appeals] == [
        ("fighting-fund", Money(2_500_000))
    ]
    assert [rate.slug for rate in found.rates] == ["standard", "solidarity", "low-waged", "unwaged"]


def test_the_shipped_file_shows_every_limit_at_what_it_is_without_it() -> None:
    shipped = (ROOT / "organisation.toml").read_text(encoding="utf-8")
    found, _faults = load(ROOT / "organisation.toml")

    assert found.limits == Limits()
    assert found.defence == Defence()
    for limit in (*fields(Limits), *fields(Defence)):
        assert f"\n{limit.name} = " in shipped


def test_little_is_needed(tmp_path: Path) -> None:
    found, faults = read(tmp_path)

    assert faults == []
    assert (found.text_line, found.email, found.links, found.appeals) == (None, None, (), ())
    assert found.limits == Limits()


def test_everything_is_read(tmp_path: Path) -> None:
    found, faults = read(
        tmp_path,
        newspaper="The Paper",
        strapline="Take part",
        text_line="07700 900123",
        email="office@example.org",
        minimum_age=14,
        imprint={"promoter": "Sam Jones", "address": ["1 High Road", "London"]},
        colours={"accent": "#00aa00", "accent_ink": "#000000"},
        links=[{"label": "Paper", "url": "https://paper.example.org/"}],
        appeals={"fund": {**APPEAL, "blurb": "Give.", "ends": dt.date(2026, 10, 1)}},
        limits={"donation_minimum_pence": 500},
    )

    assert faults == []
    assert found.imprint.complete
    assert found.imprint.address == ("1 High Road", "London")
    assert found.email == "office@example.org"
    assert found.links[0].url == "https://paper.example.org/"
    assert found.appeals[0].ends == dt.date(2026, 10, 1)
    assert found.limits.donation_minimum_pence == 500


FIELDS: dict[str, tuple[object, ...]] = {
    "name": ("", *NOT_TEXT),
    "short_name": ("", *NOT_TEXT),
    "newspaper": NOT_TEXT,
    "strapline": NOT_TEXT,
    "email": ("office", "a@example.org\nBcc: b@example.org", *NOT_TEXT),
    "phone": ("", "999", *NOT_TEXT),
    "text_line": ("999", 1, True, ["07700 900123"]),
    "texts_keep_welsh": ("yes", 1, [], {}),
    "minimum_age": NOT_WHOLE,
    "imprint": NOT_A_TABLE,
    "colours": NOT_A_TABLE,
    "links": NOT_ROWS,
    "rates": (*NOT_ROWS, [], 2 * [RATE]),
    "appeals": NOT_A_TABLE,
    "limits": NOT_A_TABLE,
    "membership": NOT_A_TABLE,
}
INNER: dict[str, dict[str, tuple[object, ...]]] = {
    "membership": {
        "arrears_after_months": (-1, 25, "1"),
        "lapse_after_months": (0, 1, 61, "3"),  # not above the other
        "acceptance": ("yes", 1),
        "grace": (1,),
    },
    "imprint": {"promoter": NOT_TEXT, "address": (1, "words", {}, [1]), "town": ("London",)},
    "colours": {
        "accent": ("red", "#fff", "#000000;}body{display:none", *NOT_TEXT),
        "accent_ink": ("black", *NOT_TEXT),
    },
    "links": {
        "label": ("", *NOT_TEXT),
        "url": ("", "http://example.org", "javascript:alert(1)", *NOT_TEXT),
    },
    "rates": {
        "slug": ("own-amount", "", "A", "a b", "-", "a--b", *NOT_TEXT),
        "name": ("", *NOT_TEXT),
        "amount": ("", "0", "-1", "ten", 0, 1.5, True, [], {}),
    },
    "appeals.fund": {
        "title": ("", *NOT_TEXT),
        "blurb": NOT_TEXT,
        "target": ("", "0", "-1", "ten", "25.505", 0, 1.5, True, [], {}, "99999999999"),
        "starts": ("2026-10-01", 1, "", dt.datetime(2026, 10, 1, tzinfo=dt.UTC)),
        "ends": ("2026-10-01", 1, dt.date(2026, 9, 30), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
    },
    "limits": {
        **{limit.name: NOT_WHOLE for limit in fields(Limits)},
        **{limit.name: (-1, 10**9, *NOT_WHOLE[2:]) for limit in fields(Defence)},
        "speed": (1,),
        "checkout_minutes": (30, 1440),
        "donation_minimum_pence": (29,),
        "donation_maximum_pence": (99, 100_000_000),
    },
}


def within(table: str, key: str, value: object) -> dict[str, object]:
    """A file with one value of one of its tables changed."""
    if table == "links":
        return {"links": [{"label": "Paper", "url": "https://example.org", key: value}]}
    if table == "rates":
        return {"rates": [{**RATE, key: value}]}
    if table == "appeals.fund":
        return {"appeals": {"fund": {**APPEAL, key: value}}}
    return {table: {key: value}}


FAULTY: list[tuple[str, dict[str, object]]] = [
    *((key, {key: value}) for key, values in FIELDS.items() for value in values),
    *(
        (f"{table}.{key}", within(table, key, value))
        for table, keys in INNER.items()
        for key, values in keys.items()
        for value in values
    ),
    *(("appeals.fund", within("appeals", "fund", value)) for value in NOT_A_TABLE),
    ("appeals.Fund", {"appeals": {"Fund": APPEAL}}),
    ("appeals.a b", {"appeals": {"a b": APPEAL}}),
    ("appeals.fund.starts", {"appeals": {"fund": {"title": "Fund", "target": "1"}}}),
]


@pytest.mark.parametrize(("key", "but"), FAULTY)
def test_a_fault_names_its_key_and_nothing_breaks(
    key: str, but: dict[str, object], tmp_path: Path
) -> None:
    _found, faults = read(tmp_path, **but)

    assert any(fault.startswith(f"organisation.toml: {key}: ") for fault in faults), faults


def test_an_unknown_key_is_a_fault_since_it_is_most_likely_a_slip(tmp_path: Path) -> None:
    _found, faults = read(tmp_path, minimum_agee=18)

    assert faults == ["organisation.toml: minimum_agee: is not known to this service"]


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    _found, faults = read(tmp_path, name="", phone="999", rates=[], limits={"speed": 1})

    assert len(faults) == 4


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", b"name = \x00"])
def test_a_file_that_is_no_toml_is_one_fault(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "organisation.toml"
    file.write_bytes(content)

    _found, faults = load(file)

    assert len(faults) == 1
    assert faults[0].startswith("organisation.toml is not TOML")


def test_a_file_that_is_missing_or_a_folder_is_one_fault(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml")[1] == ["none.toml cannot be read"]
    assert load(tmp_path)[1] == [f"{tmp_path.name} cannot be read"]


@pytest.mark.parametrize("fee", [CardFee(150, 20), CardFee(0, 0), CardFee(290, 30)])
def test_what_covers_the_card_fee_is_just_enough(fee: CardFee) -> None:
    for pence in (*range(30, 2000, 7), 99_999, 1_000_000):
        cover = fee.cover(Money(pence)).pence
        total = pence + cover
        kept = total - (total * fee.basis_points / 10_000 + fee.fixed_pence)
        assert pence <= kept + 1e-6 < pence + 1 + 1e-6


def test_an_organisation_need_not_ask_for_the_card_fee(tmp_path: Path) -> None:
    assert read(tmp_path)[0].card_fee is None
    _found, faults = read(tmp_path, card_fee={"basis_points": 2000})
    assert faults == [
        "organisation.toml: card_fee.basis_points: must be a whole number from 0 to 1000"
    ]


def test_the_treasurer_may_have_an_address_of_their_own(tmp_path: Path) -> None:
    found, faults = read(tmp_path, law={"treasurer_email": "treasurer@example.org"})
    assert (found.treasurer_email, faults) == ("treasurer@example.org", [])
    assert read(tmp_path)[0].treasurer_email is None


@pytest.mark.parametrize(
    ("law", "fault"),
    [
        ({"treasurer_email": "treasurer"}, "law.treasurer_email"),
        ({"treasurer_email": 7}, "law.treasurer_email"),
        ({"threshold": "600"}, "law.threshold: is not known"),
        ("treasurer@example.org", "law: must be a table"),
    ],
)
def test_a_slip_about_the_law_is_told(tmp_path: Path, law: object, fault: str) -> None:
    _found, faults = read(tmp_path, law=law)
    assert any(fault in each for each in faults), faults
