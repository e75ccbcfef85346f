"""Money: whole pence, read as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, NotAnAmount

MOST = 2**31 - 1  # what a column of PostgreSQL's INTEGER holds


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("10", 1000),
        ("£10", 1000),
        ("£ 10", 1000),
        (" 10\t", 1000),
        ("10.5", 1050),
        ("10.50", 1050),
        ("0.01", 1),
        ("0", 0),
        ("007", 700),
        ("1,000", 100_000),
        ("£1,234,567.89", 123_456_789),
        ("21474836.47", MOST),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, pence: int) -> None:
    assert Money.parse(typed) == Money(pence)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "£", ".", ".50", "10.", "10.505", "1.2.3", "-1", "+1", "1e3", "0x10", "ten"),
        *("10,00", "1,0000", ",100", "1,,000", "10 000", "10p", "$10", "10£", "££10", "NaN"),
        *(
            "Infinity",
            "\u0661\u0660",
            "\uff11\uff10",
            "10\n",
            "10\x00",
            "1_000",
            "½",
            "21474836.48",
            "9" * 10,
        ),
        pytest.param("9" * 10_000, id="very long"),
        pytest.param("1" + ",000" * 10_000, id="very many groups"),
    ],
)
def test_anything_else_is_not_an_amount(typed: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.parse(typed)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "missing"),
        ("-1", "negative"),
        ("-£1.50", "negative"),
        ("£-1", "negative"),
        ("\u22121", "negative"),
        ("10.505", "finer"),
        ("£1,000.5050", "finer"),
        ("21474836.48", "too-much"),
        ("9" * 10_000, "too-much"),
        ("ten", "other"),
        ("1e9", "other"),
        ("NaN", "other"),
        ("\u0661\u0660", "other"),
    ],
)
def test_what_is_wrong_with_an_amount_is_told_apart(typed: str, why: str) -> None:
    with pytest.raises(NotAnAmount) as found:
        Money.parse(typed)
    assert found.value.why == why


@given(st.integers(0, MOST))
def test_what_is_written_is_read_back(pence: int) -> None:
    money = Money(pence)

    assert Money.parse(str(money)) == money
    assert Money.parse(money.plain) == money


@given(st.text(max_size=40))
def test_no_text_does_more_than_be_no_amount(text: str) -> None:
    try:
        found = Money.parse(text)
    except NotAnAmount:
        return
    assert 0 <= found.pence <= MOST


@pytest.mark.parametrize("pence", [1.0, "1", None, True])
def test_pence_are_whole_numbers(pence: object) -> None:
    with pytest.raises(TypeError):
        Money(pence)  # type: ignore[arg-type]  # what the test is about


@pytest.mark.parametrize(
    ("pence", "shown", "plain"),
    [
        (0, "£0", "0"),
        (5, "£0.05", "0.05"),
        (1000, "£10", "10"),
        (1050, "£10.50", "10.50"),
        (123_456_700, "£1,234,567", "1234567"),
        (-50, "-£0.50", "-0.50"),
        (-1050, "-£10.50", "-10.50"),
        (-1000, "-£10", "-10"),
    ],
)
def test_an_amount_is_written_for_people_and_for_fields(pence: int, shown: str, plain: str) -> None:
    assert (str(Money(pence)), Money(pence).plain) == (shown, plain)


def test_amounts_are_compared_by_their_pence() -> None:
    assert Money(99) < Money(100) <= Money(100) < Money(101)
