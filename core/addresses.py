"""Where a person can be reached: e-mail addresses and telephone numbers that cannot be wrong."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

import phonenumbers
from email_validator import EmailNotValidError, validate_email

_LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
_LONGEST_PHONE = 40
# What people put between digits. Read more freely, letters are the keys of a telephone, whatever
# stands before the first digit is dropped, and an extension is lost without a word.
_SIGNS = frozenset("+\N{FULLWIDTH PLUS SIGN}()./\t\r\n")
_DIGITS_SPACES_DASHES_MARKS = frozenset(("Nd", "Zs", "Pd", "Cf"))
# Ofcom's numbers for drama: not assigned, so phonenumbers calls them invalid.
_DRAMA = re.compile(r"\+447700900[0-9]{3}")


class NotAnEmailAddress(ValueError):
    """The text is not an e-mail address."""


class NotAPhoneNumber(ValueError):
    """The text is not a telephone number."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A well-formed address; whether anybody reads it is not known."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; the domain is lower-cased, the local part kept (RFC 5321, 2.4).

        Raises:
            NotAnEmailAddress: also for one that could not be sent to over the internet.
        """
        stripped = text.strip()
        if len(stripped) > _LONGEST_EMAIL:
            raise NotAnEmailAddress("is too long")
        if "=?" in stripped:  # mail programs would read on as an encoded word (RFC 2047)
            raise NotAnEmailAddress("is not an e-mail address")
        try:
            found = validate_email(stripped, check_deliverability=False, strict=True)
        except EmailNotValidError:
            raise NotAnEmailAddress("is not an e-mail address") from None
        return cls(found.normalized)

    @property
    def key(self) -> str:
        """What two spellings of one mailbox have in common, for comparing only.

        Only A to Z are folded: letters beyond ASCII may name another mailbox (RFC 6531).
        """
        return "".join(letter.lower() if letter.isascii() else letter for letter in self.text)

    def __str__(self) -> str:
        """Return the address as it is written on an envelope."""
        return self.text


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number in E.164. UK numbers may be typed nationally."""

    e164: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as people type it.

        Raises:
            NotAPhoneNumber: if it could not be dialled.
        """
        if len(text) > _LONGEST_PHONE:
            raise NotAPhoneNumber("is too long for a telephone number")
        if not all(_belongs(letter) for letter in text):
            raise NotAPhoneNumber("is not a telephone number")
        try:
            number = phonenumbers.parse(text, "GB")
        except phonenumbers.NumberParseException:
            raise NotAPhoneNumber("is not a telephone number") from None
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not (phonenumbers.is_valid_number(number) or _DRAMA.fullmatch(e164)):
            raise NotAPhoneNumber("is not a telephone number")
        return cls(e164)

    @property
    def national(self) -> str:
        """The number as a person in its own country would write it."""
        number = phonenumbers.parse(self.e164)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)

    def __str__(self) -> str:
        """Return E.164."""
        return self.e164


def _belongs(letter: str) -> bool:
    """Whether the letter may stand in a number as people type it, or as an address book has it."""
    return letter in _SIGNS or unicodedata.category(letter) in _DIGITS_SPACES_DASHES_MARKS
