"""The numbers that texts come from: which may be answered, and how one is known again unnamed."""

import hashlib
import hmac
import re
from collections.abc import Sequence

import phonenumbers

_DIALLED = re.compile(r"\+?[0-9 ().\-]{3,32}")
_UK_MOBILE = re.compile(r"\+447[1-57-9][0-9]{8}")
# Whose mobiles share those ranges, at a foreign rate. (Ofcom's numbers for drama are nobody's.)
_ELSEWHERE = frozenset({"GG", "IM", "JE"})


def answerable(sender: str, *, own: str | None) -> str | None:
    """Give the sender's number in E.164 if a reply may go there, else None.

    Only mobiles of the United Kingdom are answered: no short code or letters (machines, which may
    answer back), no dear or foreign range (a forged sender would make us pay), and never `own`,
    the text line itself.
    """
    number = in_e164(sender)
    if number is None or not _UK_MOBILE.fullmatch(number) or number == own:
        return None
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return None if region in _ELSEWHERE else number


def in_e164(sender: str) -> str | None:
    """Give a sender's number in E.164, however the gateway wrote it; None for what is no number."""
    if not _DIALLED.fullmatch(sender):
        return None
    try:
        number = phonenumbers.parse(sender, "GB")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def hashes(number: str, keys: Sequence[bytes]) -> tuple[str, ...]:
    """Give a number's keyed hashes, that of the key in use first: it is known again by any."""
    return tuple(
        hmac.new(key, b"text number:" + number.encode(), hashlib.sha256).hexdigest() for key in keys
    )
