"""Finding the whole postcodes in a text.

What stands there as a postcode counts whether or not it exists. A reading that takes more good
will (spaces in odd places, O for 0, run together with a name) counts only if such a postcode is
known, since much else has that look.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from branches.postcodes import Postcode, repairs, special
from branches.texting.understanding.meaning import KnownPostcodes, Place
from branches.texting.understanding.words import NOT_AN_INWARD_PART, ORDINALS_OF

_TOKEN = re.compile(r"[^\W_]+")
_SHAPE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|NPT|GIR)([0-9][A-Z]{2})")
_STANDARD_INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}")
_LOOKALIKE = re.compile(r"[A-Z01][A-Z01]?[0-9OIL][A-Z0-9]?[0-9OIL][A-Z01]{2}")
_GLUED = re.compile(
    r"(?=(?<![0-9])([A-Z]{1,2}[0-9][A-Z0-9]?[ .\-]{0,2}[0-9][A-Z]{2}))",
    re.IGNORECASE | re.ASCII,
)
# The "nE" of "JohnE11 1AA": the name ends where the capital stands.
_MIXED_CASE = re.compile(r"[a-z][A-Z]")
_BETWEEN_HALVES = re.compile(r"[\s.\-_,/:;+*()~'\"]{1,3}")
_WITHIN_HALF = re.compile(r"[ .\-]{1,2}")
_ORDINAL = re.compile(r"1ST|2ND|3RD|[4-90]TH")

_MOST_PIECES = 4
_SHORTEST, _LONGEST = 5, 7
_INWARD = 3
_MOST_REPAIRS = 50
_MOST_GLUED = 100
_SHORTEST_GLUED_WORD = 2

# Best first: a known postcode as it stands, ..., an unknown one.
_EXACT, _LOOSE, _REPAIRED, _GLUED_ON, _UNKNOWN = range(5)


@dataclass(frozen=True, slots=True)
class Found:
    """A place and the stretch of the text that says it."""

    place: Place
    start: int
    end: int
    known: bool


@dataclass(frozen=True, slots=True)
class _Window:
    """Neighbouring pieces of a text that may be one postcode."""

    pieces: tuple[str, ...]
    start: int
    end: int
    next_word: str
    capital: bool

    @property
    def compact(self) -> str:
        return "".join(self.pieces)

    @property
    def kissed(self) -> bool:
        """Whether a lone "x" ends it, as it ends a text: "E11 1A x"."""
        return self.pieces[-1] == "X" and not self.capital

    @property
    def standard(self) -> bool:
        """Whether it is split as postcodes are: in its middle, or not at all."""
        return len(self.pieces) == 1 or (len(self.pieces) == 2 and len(self.pieces[1]) == _INWARD)  # noqa: PLR2004 - the two halves of a postcode


def postcodes_in(text: str, known: KnownPostcodes) -> tuple[Found, ...]:
    """Find every whole postcode, in the order of the text, each stretch read once."""
    windows = list(_windows(text))
    candidates = [*_as_written(windows, known), *_repaired(windows, known), *_glued(text, known)]
    candidates.sort(key=lambda ranked: (ranked[0], ranked[1].start - ranked[1].end))
    taken: list[Found] = []
    read = bytearray(len(text))  # 1 where a place is taken already
    for _rank, found in candidates:
        if not any(read[found.start : found.end]):
            read[found.start : found.end] = bytes([1]) * (found.end - found.start)
            taken.append(found)
    return tuple(sorted(taken, key=lambda found: found.start))


def _windows(text: str) -> Iterator[_Window]:
    tokens = list(_TOKEN.finditer(text))
    for first, token in enumerate(tokens):
        pieces: tuple[str, ...] = ()
        for last in range(first, min(first + _LONGEST, len(tokens))):
            pieces += (tokens[last][0].upper(),)
            size = sum(map(len, pieces))
            # In few pieces, or every letter by itself.
            if size > _LONGEST or not tokens[last][0].isascii():
                break
            if len(pieces) > _MOST_PIECES and size > len(pieces):
                break
            if size >= _SHORTEST and _hold_together(text, tokens[first : last + 1]):
                follower = tokens[last + 1][0].lower() if last + 1 < len(tokens) else ""
                capital = tokens[last][0].isupper()
                yield _Window(pieces, token.start(), tokens[last].end(), follower, capital)


def _hold_together(text: str, tokens: list[re.Match[str]]) -> bool:
    gaps = [text[a.end() : b.start()] for a, b in pairwise(tokens)]
    if len(gaps) == 1 and len(tokens[1][0]) == _INWARD:
        return bool(_BETWEEN_HALVES.fullmatch(gaps[0]))
    return all(_WITHIN_HALF.fullmatch(gap) for gap in gaps)


def _as_written(windows: list[_Window], known: KnownPostcodes) -> Iterator[tuple[int, Found]]:
    for window in windows:
        match = _SHAPE.fullmatch(window.compact)
        if match is None or (match[1] == "GIR" and match[2] != "0AA") or window.kissed:
            continue
        postcode = Postcode(match[1], match[2])
        if _is_ordinal(window):
            continue
        if _is_credible(postcode, known):
            rank = _EXACT if window.standard else _LOOSE
            if window.standard or postcode.area != "IM":
                yield rank, Found(postcode, window.start, window.end, known=True)
        elif window.standard and _may_exist(postcode, known, capital=window.capital):
            yield _UNKNOWN, Found(postcode, window.start, window.end, known=False)


def _is_ordinal(window: _Window) -> bool:
    """Tell "E8 1st floor" from a postcode."""
    return bool(_ORDINAL.fullmatch(window.pieces[-1])) and window.next_word in ORDINALS_OF


def _is_credible(postcode: Postcode, known: KnownPostcodes) -> bool:
    return known.knows(postcode) or special(postcode) is not None


def _may_exist(postcode: Postcode, known: KnownPostcodes, *, capital: bool) -> bool:
    """Say whether an unknown postcode is one for all we know, rather than "b4u2go" or "M1 2pm"."""
    standard = bool(_STANDARD_INWARD.fullmatch(postcode.inward))
    if capital and standard:
        return True
    if postcode.inward[1:] in NOT_AN_INWARD_PART or _ORDINAL.fullmatch(postcode.inward):
        return False
    return standard or known.has_outcode(postcode.outcode)


def _repaired(windows: list[_Window], known: KnownPostcodes) -> Iterator[tuple[int, Found]]:
    likely = (window for window in windows if _may_be_a_slip(window))
    for window in islice(likely, _MOST_REPAIRS):
        readings = [reading for reading in repairs(" ".join(window.pieces)) if known.knows(reading)]
        if len(readings) == 1:
            yield _REPAIRED, Found(readings[0], window.start, window.end, known=True)


def _may_be_a_slip(window: _Window) -> bool:
    if not _LOOKALIKE.fullmatch(window.compact) or window.compact.isalpha():
        return False
    *before, last = window.pieces
    if last.isalpha() and (not before or last.lower() in NOT_AN_INWARD_PART):
        return False
    return window.standard or all(any(map(str.isdigit, piece)) for piece in window.pieces[1:])


def _glued(text: str, known: KnownPostcodes) -> Iterator[tuple[int, Found]]:
    """Find postcodes run together with a word before or after, as in "JohnE111AA"."""
    for match in islice(_GLUED.finditer(text), _MOST_GLUED):
        start, end = match.span(1)
        before = _letters_before(text, start)
        after = _letters_after(text, end)
        if not _is_glue(text, start - before - 1, before) or not _is_glue(text, end + after, after):
            continue
        if before + after == 0 or _MIXED_CASE.match(match[1]):
            continue
        compact = "".join(_TOKEN.findall(match[1])).upper()
        postcode = Postcode(compact[:-3], compact[-3:])
        if known.knows(postcode):
            yield _GLUED_ON, Found(postcode, start, end, known=True)


def _is_glue(text: str, beyond: int, letters: int) -> bool:
    """Say whether nothing, or a word of its own and no figure, adjoins the postcode."""
    if 0 <= beyond < len(text) and text[beyond].isdigit():
        return False
    return letters == 0 or letters >= _SHORTEST_GLUED_WORD


def _letters_before(text: str, start: int) -> int:
    count = 0
    while start > count and text[start - count - 1].isalpha():
        count += 1
    return count


def _letters_after(text: str, end: int) -> int:
    count = 0
    while end + count < len(text) and text[end + count].isalpha():
        count += 1
    return count
