"""Passwords: long, not common, nobody's own name; kept as argon2id hashes.

There are no rules of composition and no dates of expiry (NIST SP 800-63B-4, 3.1.1.2).
"""

import gzip
import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15
LONGEST = 200
# 30,000 passwords that people chose, folded, one a line; see NOTICE.
_LIST = Path(__file__).with_name("common_passwords.txt.gz")
# OWASP's argon2id: the memory is multiplied by the threads that sign somebody in at one moment.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What is typed by running a finger over the keys, or by counting.
_RUNS = tuple(
    run * 3 for run in ("1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
)
_LEAST_LETTERS = 5  # different ones
_OWN_CHARACTERS = 4  # a shorter word is in too many sentences to be anybody's
_NOT_LETTERS = re.compile(r"[\W\d_]+")


class Fault(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    OWN = "own"


def fault(password: str, own: Iterable[str]) -> Fault | None:
    """Say what is wrong with a password; `own` is what its owner and we are called."""
    typed = _normal(password)
    if len(typed) < SHORTEST:
        return Fault.SHORT
    if len(typed) > LONGEST:
        return Fault.LONG
    folded = typed.casefold()
    if _is_common(folded):
        return Fault.COMMON
    letters = _NOT_LETTERS.sub("", folded)
    names = {_NOT_LETTERS.sub("", name.casefold()) for name in own}
    if any(len(name) >= _OWN_CHARACTERS and name in letters for name in names):
        return Fault.OWN
    return None


def hashed(password: str) -> str:
    """Return the hash to keep."""
    return _HASHER.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was kept; without one it takes as long to say no."""
    try:
        _HASHER.verify(kept or _nobodys(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def names_in(email: str, organisation: str) -> list[str]:
    """Return what a password must not hold: parts of the address, and who we are."""
    local, _at, domain = email.partition("@")
    return [email, *re.split(r"[\W\d_]+", local), domain.partition(".")[0], organisation]


def _normal(password: str) -> str:
    """Return one spelling of what looks the same, whatever keyboard typed it (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password)


def _is_common(folded: str) -> bool:
    """Whether it is on the list, or made of little more: said twice, or with numbers around it."""
    if len(set(folded)) < _LEAST_LETTERS or any(
        folded in run or folded in run[::-1] for run in _RUNS
    ):
        return True
    bare = _NOT_LETTERS.sub("", folded)
    return any(_is_known(each) for each in (folded, _once(folded), bare, _once(bare)))


def _is_known(word: str) -> bool:
    """Whether it is on the list, or two that are, one after the other."""
    known = _common()
    return word in known or any(
        word[:cut] in known and word[cut:] in known for cut in range(1, len(word))
    )


def _once(text: str) -> str:
    """Return what the text says again and again; itself where it does not."""
    return text[: (text + text).find(text, 1)] if text else text


@cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode().split("\n")) - {""}


@cache
def _nobodys() -> str:
    """Return a hash to compare with where there is none, at the cost of a real one."""
    return _HASHER.hash("nobody's password, to take the time that one takes")
