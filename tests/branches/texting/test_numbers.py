import pytest

from branches.texting.numbers import answerable, hashes, in_e164

OWN = "+447761818206"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+447700900123", "+447700900123"),
        ("07700 900123", "+447700900123"),
        ("447700900123", "+447700900123"),
        ("00447700900123", "+447700900123"),
        ("0044 (0)7700-900.123", "+447700900123"),
        ("+33612345678", "+33612345678"),
        ("SOCIALIST", None),
        ("07700FLOWER", None),
        ("", None),
        ("+", None),
        ("()()()", None),
        ("0" * 33, None),
        ("\u0660\u0667\u0667\u0660\u0660", None),
        ("+447700900123\n", None),
    ],
)
def test_a_number_is_known_however_it_is_written(written: str, number: str | None) -> None:
    assert in_e164(written) == number


def test_only_british_mobiles_are_answered_and_never_ourselves() -> None:
    assert answerable("07700 900123", own=OWN) == "+447700900123"
    assert answerable("07400 123456", own=None) == "+447400123456"
    for other in ("07761 818206", "60777", "07624 123456", "07797 712345", "+14155550123"):
        assert answerable(other, own=OWN) is None


@pytest.mark.parametrize(
    "sender",
    ["07000 123456", "07010 123456", "09012 345678", "0871 222 3333", "0845 123 4567", "118118",
     "0800 123 456", "020 7946 0123", "07600 123456", "07911 123456", "+353 87 123 4567",
     "+44 7700 90012", "+44 7700 9001234", "+4420799460123", "999", "80808", "EE", "Vodafone",
     "07700900123;07700900124", "+447761818206", "00447761818206", "+1 473 403 1234", "\ufeff"],
)  # fmt: skip
def test_nobody_else_is_answered(sender: str) -> None:
    """No dear, short, lettered, foreign or broken number is, nor are the line's own digits."""
    assert answerable(sender, own=OWN) is None


def test_a_hash_depends_on_number_and_key() -> None:
    (first, second) = hashes("+447700900123", [b"one", b"two"])
    (other,) = hashes("+447700900124", [b"one"])
    assert len({first, second, other}) == 3
    assert hashes("+447700900123", [b"one"]) == (first,)
