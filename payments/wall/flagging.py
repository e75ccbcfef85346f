"""Flagging: what a moderator should look at twice in a message. Nothing is altered or refused.

A flag is advice. It would rather be raised once too often; only a person decides.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter

_LONGEST_RUN = 40
_MOST_LINES = 30
_MOST_MARKS = 5  # on one letter; no script needs more
# Written without spaces, so that a long run is a sentence and can be broken anywhere.
_SPACELESS = ("THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ")
_DOMAINS = (
    "com|org|net|uk|info|biz|eu|io|co|tv|ly|app|dev|xyz|online|site|shop|link|top|club|news|blog"
    "|wales|cymru|scot|london|ie|de|fr|nl|ru|cn|gov|edu"
)
_STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|close|drive|terrace|crescent|gardens|grove|way|court"
    "|place|square|hill|row|mews|walk|rise"
)
_EMAIL = re.compile(r"[^\s@]@[^\s@.]+(?:\.[^\s@.]+)+|\bat\b\W{0,3}[\w-]{1,63}\W{0,3}\bdot\b")
_LINK = re.compile(
    rf"[a-z]://|\bmailto:|\bwww\.|\w\.(?:{_DOMAINS})\b|\w\.[a-z]{{2,24}}/"
    rf"|\w\W{{1,3}}dot\W{{1,3}}(?:{_DOMAINS})\b"
)
_BETWEEN = r"[\s().\-\N{EN DASH}/]{0,3}"
_PHONE = re.compile(
    rf"\d(?:{_BETWEEN}\d){{8}}"
    rf"|\b(?:ring|call|phone|tel|telephone|text|whatsapp|mobile|ffôn)\b\D{{0,20}}\d"
    rf"(?:{_BETWEEN}\d){{4}}"
)
_MORE_DIGITS = re.compile(rf"(?:{_BETWEEN}\d)*")
_ADDRESS = re.compile(
    r"\b[a-z]{1,2}\d[a-z\d]?\s{0,3}\d[abd-hjlnp-uw-z]{2}\b"
    rf"|\b\d{{1,4}}[a-z]?,?\s+(?:[^\W\d]{{1,30}}\.?\s+){{1,3}}(?:{_STREETS})\b"
    r"|\b\d{1,4}[a-z]?,?\s+(?:heol|ffordd|stryd|rhodfa|lôn)\b"
    r"|\b(?:flat|apartment|apt|fflat)\s+\d"
)
_REPEATED = re.compile(r"(.)\1{19}", re.DOTALL)


class Flag(StrEnum):
    """What was found in a message."""

    EMAIL = "email"
    LINK = "link"
    PHONE = "phone"
    ADDRESS = "address"
    LONG_RUN = "long-run"


_PATTERNS = {Flag.EMAIL: _EMAIL, Flag.LINK: _LINK, Flag.PHONE: _PHONE, Flag.ADDRESS: _ADDRESS}


def flags(*texts: str) -> tuple[Flag, ...]:
    """Return what is found in any of the texts, in the order of `Flag`."""
    found = {flag for text in texts for flag in _found(text)}
    return tuple(flag for flag in Flag if flag in found)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message, and what was found in it, if anything was."""

    text: str
    flag: Flag | None = None


def parts(text: str) -> list[Part]:
    """Return a message in pieces: what a moderator should look at stands by itself, whole words."""
    plain, places = _with_places(text)
    spans: list[tuple[int, int, Flag]] = []
    for flag, pattern in _PATTERNS.items():
        for match in pattern.finditer(plain):
            last = _MORE_DIGITS.match(plain, match.end()) if flag is Flag.PHONE else match
            begin, end = places[match.start()], places[(last or match).end() - 1] + 1
            spans.append((*_whole_words(text, begin, end), flag))
    found: list[Part] = []
    at = 0
    for begin, end, flag in sorted(spans, key=itemgetter(0)):
        if end <= at:
            continue
        if begin > at:
            found.append(Part(text[at:begin]))
        found.append(Part(text[max(at, begin) : end], flag))
        at = end
    return [*found, Part(text[at:])] if at < len(text) else found


def _with_places(text: str) -> tuple[str, list[int]]:
    """Return what `_plain` makes of a text, letter by letter, and where each letter stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        seen = _plain(letter)
        letters.append(seen)
        places += [place] * len(seen)
    return "".join(letters), places


def _whole_words(text: str, begin: int, end: int) -> tuple[int, int]:
    while begin > 0 and not text[begin - 1].isspace():
        begin -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return begin, end


def _found(text: str) -> set[Flag]:
    plain = _plain(text)
    without = _EMAIL.sub(" ", plain)
    told = {
        Flag.EMAIL: without != plain,
        Flag.LINK: _LINK.search(without) is not None,
        Flag.PHONE: _PHONE.search(plain) is not None,
        Flag.ADDRESS: _ADDRESS.search(plain) is not None,
        Flag.LONG_RUN: _runs_on(text),
    }
    return {flag for flag, there in told.items() if there}


def _plain(text: str) -> str:
    """Undo what hides a number or an address: wide letters, circled digits, invisible signs."""
    seen = (letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", "".join(seen)).casefold()


def _runs_on(text: str) -> bool:
    """Whether something is so long that it could spoil the page."""
    if text.count("\n") >= _MOST_LINES or _REPEATED.search(text):
        return True
    run = marks = 0
    for letter in unicodedata.normalize("NFD", text):
        is_mark = unicodedata.category(letter) in ("Mn", "Me")
        marks = marks + 1 if is_mark else 0
        if not is_mark:
            run = 0 if _breaks(letter) else run + 1
        if run >= _LONGEST_RUN or marks > _MOST_MARKS:
            return True
    return False


def _breaks(letter: str) -> bool:
    """Whether a line may end at this letter."""
    return (
        letter.isspace()
        or unicodedata.east_asian_width(letter) in "WF"
        or unicodedata.name(letter, "").startswith(_SPACELESS)
    )
