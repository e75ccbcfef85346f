"""Money: whole pence, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

# An optional pound sign, digits (grouped by commas only where groups belong), two places at most.
_AMOUNT = re.compile(r"£?[ ]*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?")
_MOST_DIGITS = 8
_MOST_PENCE = 2**31 - 1  # what an INTEGER column of PostgreSQL holds


_BELOW = re.compile(r"(?:£[ ]*)?[-\u2212](?:[ ]*£)?[ ]*[0-9][0-9.,]*")
_FINER = re.compile(r"£?[ ]*[0-9][0-9,]*\.[0-9]{3,}")


class NotAnAmount(ValueError):
    """The text is not an amount of pounds and pence.

    `why` is `missing`, `negative`, `finer` (than a penny), `too-much`, or `other`.
    """

    def __init__(self, words: str, why: str = "other") -> None:
        super().__init__(words)
        self.why = why


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of sterling in pence. May be negative in sums; parsing never makes it so."""

    pence: int

    def __post_init__(self) -> None:
        """Refuse anything but whole pence (a bool is not a number of pence either)."""
        if type(self.pence) is not int:
            raise TypeError("pence must be a whole number")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read pounds as a person types them: `10`, `£10.50`, `1,000`.

        Raises:
            NotAnAmount: for anything else, three decimals, words and other digits included.
        """
        found = _AMOUNT.fullmatch(text.strip(" \t"))
        if found is None:
            raise _refused(text.strip(" \t"))
        digits = found[1].replace(",", "")
        if len(digits) > _MOST_DIGITS:
            raise NotAnAmount("is more than we can take", "too-much")
        pence = int(Decimal(f"{digits}.{found[2] or '0'}") * 100)
        if pence > _MOST_PENCE:
            raise NotAnAmount("is more than we can take", "too-much")
        return cls(pence)

    def __str__(self) -> str:
        """Pounds for people: `£10`, `£10.50`, `£1,000`."""
        sign, pence = ("-" if self.pence < 0 else ""), abs(self.pence)
        pounds, rest = divmod(pence, 100)
        return f"{sign}£{pounds:,}" + (f".{rest:02d}" if rest else "")

    @property
    def plain(self) -> str:
        """Pounds as a form field holds them: `10`, `10.50`."""
        return str(self).replace("£", "").replace(",", "")


def _refused(text: str) -> NotAnAmount:
    """Say what is wrong with a text that is no amount."""
    if not text:
        return NotAnAmount("is missing", "missing")
    if _BELOW.fullmatch(text):
        return NotAnAmount("must not be below nothing", "negative")
    if _FINER.fullmatch(text):
        return NotAnAmount("has more than two places after the point", "finer")
    return NotAnAmount("is not an amount in pounds, such as 10 or 10.50")
