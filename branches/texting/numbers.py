"""The numbers that texts come from: which may be answered, and how one is known again unnamed."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import phonenumbers

_DIALLED = re.compile(r"\+?[0-9 ().\-]{3,32}")
# 070 are forwarding numbers, and dear; 076 pagers, but for the Isle of Man's mobiles.
_UK_MOBILE = re.compile(r"\+447(?:[1-57-9][0-9]{2}|624)[0-9]{6}")
HOME = frozenset({"GB"})
REGIONS = HOME | {"GG", "IM", "JE"}
"""Whose mobiles share those ranges; to the three islands a text goes at a foreign rate."""


def answerable(sender: str, *, own: str | None, regions: AbstractSet[str] = HOME) -> str | None:
    """Give the sender's number in E.164 if a reply may go there, else None.

    Only mobiles of the United Kingdom are answered, and those of the islands named in `regions`: no
    short code or letters (machines, which may answer back), no dear or foreign range (a forged
    sender would make us pay), and never `own`, the text line itself.
    """
    number = in_e164(sender)
    if number is None or not _UK_MOBILE.fullmatch(number) or number == own:
        return None
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    # A number in no region is in a range given out since, or one of Ofcom's for drama: at home.
    return number if (region or "GB") in regions else None


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
