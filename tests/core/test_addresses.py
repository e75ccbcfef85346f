"""E-mail addresses and telephone numbers that cannot be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import EmailAddress, NotAnEmailAddress, NotAPhoneNumber, PhoneNumber


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("sam@example.org", "sam@example.org"),
        (" Sam.Jones+news@EXAMPLE.Org\n", "Sam.Jones+news@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("siân@example.org", "siân@example.org"),
        ("sam@bücher.example.org", "sam@bücher.example.org"),
        ("sam@xn--bcher-kva.example.org", "sam@bücher.example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_lower_case(typed: str, kept: str) -> None:
    assert str(EmailAddress.parse(typed)) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "sam", "@", "sam@", "@example.org", "sam@@example.org", "sam@localhost"),
        *("sam@example", "sam@[127.0.0.1]", '"sam jones"@example.org', "sam jones@example.org"),
        *("sam@example.org\nBcc: other@example.org", "sam\r\n@example.org", "sam@exam\nple.org"),
        *("sam\x00@example.org", "sam@example.org\x00", "sam\u202e@example.org"),
        *("\u200bsam@example.org", "sam@example.org,other@example.org", "sam;x@example.org"),
        *("Sam <sam@example.org>", "<sam@example.org>", "sam..jones@example.org"),
        *("sam@example..org", "sam@-example.org", "sam@example.org.", "\ud800@example.org"),
        "=?utf-8?q?sam=0ABcc=3A=20other=40example.org=0A?=@example.org",
        "a" * 65 + "@example.org",
        "sam@" + "b" * 64 + ".org",
        "sam@" + "b." * 130 + "org",
        pytest.param("s" * 1_000_000 + "@example.org", id="very long"),
    ],
)
def test_anything_else_is_not_an_address(typed: str) -> None:
    with pytest.raises(NotAnEmailAddress):
        EmailAddress.parse(typed)


def test_two_spellings_of_one_mailbox_have_one_key() -> None:
    one, other = EmailAddress.parse("Sam@Example.org"), EmailAddress.parse("sAM@example.ORG")

    assert one != other
    assert one.key == other.key


@given(st.text(max_size=60) | st.from_regex(r"[^\s@]{1,20}@example\.org", fullmatch=True))
def test_an_address_is_one_line_whatever_was_typed(text: str) -> None:
    try:
        found = EmailAddress.parse(text)
    except NotAnEmailAddress:
        return
    assert found.text.isprintable()
    assert EmailAddress.parse(found.text) == found


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("07700 900123", "+447700900123"),
        ("07700900123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("(020) 8988-8777", "+442089888777"),
        ("020.8988.8777\n", "+442089888777"),
        ("020 8988\u00a08777", "+442089888777"),
        ("020\u20138988\u20138777", "+442089888777"),
        ("\u202a+44 7700 900123\u202c", "+447700900123"),
        ("\uff10\uff12\uff10 8988 8777", "+442089888777"),
        ("+1 212 555 2368", "+12125552368"),
        ("+353 1 679 6000", "+35316796000"),
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str, e164: str) -> None:
    assert str(PhoneNumber.parse(typed)) == e164


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "+", "++++", "999", "61234", "07700", "07700 90012", "07700 9001234"),
        *("+44", "+999 123 4567", "sam", "0800 FLOWERS", "ring 020 8988 8777", "x02089888777"),
        *("020 8988 8777 ext 5", "020 8988 8777 x5", "tel:+442089888777;ext=5"),
        *("<b>020 8988 8777", "020 8988 8777, 020 8988 8776", "020 8988 8777 / 020 8988 8776"),
        *("07700 900123\nBcc: sam@example.org", "\x0007700 900123", "07700\x00900123"),
        "0" * 41,
        pytest.param("1" * 1_000_000, id="very long"),
    ],
)
def test_anything_else_is_not_a_number(typed: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        PhoneNumber.parse(typed)


def test_a_number_is_written_as_its_own_country_writes_it() -> None:
    assert PhoneNumber.parse("+442089888777").national == "020 8988 8777"
    assert PhoneNumber.parse("+12125552368").national == "(212) 555-2368"


@given(st.text("+0123456789 ()-", max_size=45))
def test_a_number_is_e164_whatever_was_typed(text: str) -> None:
    try:
        found = PhoneNumber.parse(text)
    except NotAPhoneNumber:
        return
    assert found.e164[0] == "+"
    assert found.e164[1:].isdecimal()
    assert len(found.e164) <= 16
    assert PhoneNumber.parse(found.e164) == found
