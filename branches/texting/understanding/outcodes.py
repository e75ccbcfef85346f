"""Finding a part of a postcode, where a text has no whole one.

Half of what looks like an outcode is none: roads (M1, A40), buses, "thanks m8". So a part counts
only if it exists, and if it stands alone, first or last, or a word before it says what it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, pairwise

from branches.postcodes import Outcode, Sector, special
from branches.texting.understanding.meaning import KnownPostcodes
from branches.texting.understanding.places import Found
from branches.texting.understanding.words import (
    AREAS_THAT_ARE_WORDS,
    COURTESIES,
    FILLERS,
    NEVER_NAMES,
    OUTCODE_CUES,
    OUTCODE_FOLLOWERS,
    PLACES,
    ROADS_AFTER,
    ROADS_BEFORE,
    SHORTHAND,
    key,
)

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W\d_]{1,2})?")
_OUTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_AREA, _NUMBER = re.compile(r"[A-Z]{2}"), re.compile(r"[0-9]{1,2}")
_SLIPPED = re.compile(r"([A-Z]{1,2}?)([0-9OIL]{1,2})")
_INWARD_BEGUN = re.compile(r"[0-9][A-Za-z]{0,2}")
_DIGITS = str.maketrans("OIL", "011")
_ROAD = re.compile(r"[abj][0-9]{1,4}|jc?t?n?[0-9]{1,2}")
_MOTORWAY = re.compile(r"M[1-9][0-9]?")
_JOINS = frozenset({"or", "and", "n"})
_BREAK = re.compile(r"[\n,;:!?()\[\]{}\"|/]|\.(?:\s|$)| - ")
_BESIDE = FILLERS | PLACES
_COURTEOUS = FILLERS | COURTESIES
_REACH = 3
_LONGEST_NAME = 4


@dataclass(frozen=True, slots=True)
class _Part:
    """An outcode at tokens `first` to `last`, and a sector's figure where there is one."""

    place: Outcode | Sector
    first: int
    last: int


def outcodes_in(text: str, known: KnownPostcodes) -> tuple[Found, ...]:
    """Find the outcodes and sectors of a text, in its order."""
    tokens = list(_TOKEN.finditer(text))
    words = [key(token[0]) for token in tokens]
    parts = list(_parts(text, tokens, known))
    meant = [_is_meant(text, tokens, words, part) for part in parts]
    for index, (one, other) in enumerate(pairwise(parts)):
        # In "E11 or E17" each means what the other does.
        if _JOINS.issuperset(words[one.last + 1 : other.first]):
            meant[index] = meant[index + 1] = meant[index] or meant[index + 1]
    return tuple(
        Found(part.place, tokens[part.first].start(), tokens[part.last].end(), known=True)
        for part in compress(parts, meant)
    )


def _parts(text: str, tokens: list[re.Match[str]], known: KnownPostcodes) -> Iterator[_Part]:
    index = 0
    while index < len(tokens):
        part = _part_at(text, tokens, index, known)
        if part is not None:
            yield part
        index = index + 1 if part is None else part.last + 1


def _part_at(
    text: str, tokens: list[re.Match[str]], index: int, known: KnownPostcodes
) -> _Part | None:
    last = index
    outcode = _read(tokens[index][0], known)
    if outcode is None and index + 1 < len(tokens):
        last = index + 1
        outcode = _read_spaced(tokens[index][0], tokens[last][0], known)
    if outcode is None:
        return None
    follower = tokens[last + 1] if last + 1 < len(tokens) else None
    if follower is None or not _begins_inward_part(text, tokens[last], follower):
        return _Part(outcode, index, last)
    return _Part(Sector(outcode.code, follower[0][0]), index, last + 1)


def _begins_inward_part(text: str, before: re.Match[str], token: re.Match[str]) -> bool:
    """Say whether "3" or "3B" after an outcode belongs to it: on its line, and not "3 children"."""
    if not _INWARD_BEGUN.fullmatch(token[0]) or "\n" in text[before.end() : token.start()]:
        return False
    gap = text[before.end() : token.start()]
    rest = text[token.end() :].lstrip(" ")
    return gap.strip(" .-") == "" and (not rest or not rest[0].isalpha() or _is_filler(rest))


def _is_filler(rest: str) -> bool:
    return key(rest.split(maxsplit=1)[0].strip(",.!?")) in FILLERS


def _read(token: str, known: KnownPostcodes) -> Outcode | None:
    written = token.upper()
    if not written.isascii():
        return None
    if _OUTCODE.fullmatch(written) and _exists(Outcode(written), known):
        return Outcode(written)
    slip = _SLIPPED.fullmatch(written)
    if slip is None or not any(map(str.isdigit, slip[2])):
        return None
    return _existing(Outcode(slip[1] + slip[2].translate(_DIGITS)), known)


def _read_spaced(area: str, number: str, known: KnownPostcodes) -> Outcode | None:
    written = area.upper()
    if not (_AREA.fullmatch(written) and _NUMBER.fullmatch(number)):
        return None
    if area.lower() in AREAS_THAT_ARE_WORDS and not area.isupper():
        return None
    return _existing(Outcode(written + number), known)


def _existing(outcode: Outcode, known: KnownPostcodes) -> Outcode | None:
    return outcode if _exists(outcode, known) else None


def _exists(outcode: Outcode, known: KnownPostcodes) -> bool:
    return known.has_outcode(outcode) or special(outcode) is not None


def _is_meant(text: str, tokens: list[re.Match[str]], words: list[str], part: _Part) -> bool:
    before, after = words[: part.first], words[part.last + 1 :]
    if after and after[0] in OUTCODE_FOLLOWERS:
        return True
    if (before and _is_road_word(before[-1], ROADS_BEFORE)) or (
        after and _is_road_word(after[0], ROADS_AFTER)
    ):
        return False
    if tokens[part.first][0] in SHORTHAND and (before or after):
        named = (
            before and not after and not _COURTEOUS.intersection(before) and _may_be_a_name(before)
        )
        return bool(before) and (before[-1] in OUTCODE_CUES or bool(named))
    if any(word in OUTCODE_CUES for word in before[-_REACH:]):
        return True
    first, last = (all(word in _BESIDE for word in words) for words in (before, after))
    if last or (first and _may_be_a_name(after)) or _stands_alone(text, tokens, part):
        return True
    # "Chloe E8 can I come": what opens a text, alone or after a name, says where its sender is.
    opens = _may_be_a_name(before) and all(map(str.isalpha, before))
    return opens and not _MOTORWAY.fullmatch(str(part.place))


def _is_road_word(word: str, road_words: frozenset[str]) -> bool:
    return word in road_words or bool(_ROAD.fullmatch(word))


def _may_be_a_name(words: list[str]) -> bool:
    return len(words) <= _LONGEST_NAME and not any(word in NEVER_NAMES for word in words)


def _stands_alone(text: str, tokens: list[re.Match[str]], part: _Part) -> bool:
    """Say whether the part has a line, or a place between two commas, to itself."""
    start = tokens[part.first - 1].end() if part.first else 0
    end = tokens[part.last + 1].start() if part.last + 1 < len(tokens) else len(text)
    before = text[start : tokens[part.first].start()]
    after = text[tokens[part.last].end() : end]
    return bool(_BREAK.search(before) or not part.first) and bool(_BREAK.search(after))
