"""Cutting a text into clauses of words, each word sorted by what it may be part of."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from branches.texting.understanding.words import (
    FILLERS,
    HONORIFICS,
    NEVER_NAMES,
    PREPOSITIONS,
    SOFT,
    STREETS,
    STREETS_AFTER_NUMBER,
    key,
)

PLACE = "\x04"
"""Stands in a text where a postcode stood; `clean` leaves no such character otherwise."""

_LABEL, _SAYING, _SURNAME = "\x01", "\x02", "\x03"
_SURNAME_LABEL = re.compile(
    r"\b(?:surname|(?:last|family|second) name)(?: is|'s)?\s{0,3}[:=\-.]{0,2}",
    re.IGNORECASE,
)
_NAME_LABEL = re.compile(
    r"\b(?:fore)?(?:names? is|name's|names|name|enw i yw|enw i ydy|enw i'n|enw)\b"
    r"\s{0,3}[:=\-.]{0,2}",
    re.IGNORECASE,
)
_SAYS_WHO = re.compile(
    r"\b(?:i'm|im|i am|it's|its|it is|this is|call me|i'm called|im called|called|yours,?)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"[\x01-\x04]|[^\W_](?:[^\W_]|['\-](?=[^\W_]))*|[\n,;:!?()\[\]{}\"|/<>=+~*&@#%\\^_.\-]",
)
_SENTENCE_ENDS = frozenset(".!?\n" + PLACE)
_STREET_REACH = 5


class Sort(Enum):
    """What a word may be part of."""

    LABEL = auto()
    SAYING = auto()
    SURNAME = auto()
    NUMBER = auto()
    STREET = auto()
    PREPOSITION = auto()
    FILLER = auto()
    NEVER = auto()
    SOFT = auto()
    TITLE = auto()
    PLAIN = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, its key in the word lists, and its sort."""

    text: str
    key: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that no punctuation parts.

    `segment` counts the postcodes before it, and `opens` says whether a sentence begins here, so
    that a capital letter tells nothing.
    """

    words: tuple[Word, ...]
    segment: int
    opens: bool


_MARKS = {_LABEL: Sort.LABEL, _SAYING: Sort.SAYING, _SURNAME: Sort.SURNAME}


def clauses_of(text: str) -> Iterator[Clause]:
    """Cut a text, in which `PLACE` stands for each postcode, into its clauses."""
    marked = _SURNAME_LABEL.sub(_SURNAME, text)
    marked = _NAME_LABEL.sub(_LABEL, marked)
    marked = _SAYS_WHO.sub(_SAYING, marked)
    words: list[Word] = []
    segment, opens = 0, True
    for match in _TOKEN.finditer(marked):
        if match[0] in _MARKS or match[0][0].isalnum():
            words.append(_word(marked, match))
        elif not (match[0] == "." and words and _takes_a_stop(words[-1])):
            yield Clause(_without_addresses(words), segment, opens)
            words, opens = [], match[0] in _SENTENCE_ENDS
            segment += match[0] == PLACE
        elif words[-1].sort is not Sort.TITLE:
            words[-1] = Word(words[-1].text + ".", words[-1].key, Sort.PLAIN)
    yield Clause(_without_addresses(words), segment, opens)


def _takes_a_stop(word: Word) -> bool:
    """Say whether a full stop after the word ends no sentence: "Dr." and "J."."""
    initial = len(word.text) == 1 and word.text.isupper() and word.text not in {"I", "U", "X"}
    return word.sort is Sort.TITLE or initial


def _word(text: str, match: re.Match[str]) -> Word:
    if match[0] in _MARKS:
        return Word("", "", _MARKS[match[0]])
    written = match[0]
    if key(written) not in FILLERS | NEVER_NAMES and written.lower().endswith("'s"):
        written = written[:-2]
    marked = _is_mark(text, match.start() - 1) or _is_mark(text, match.end())
    if marked or not all(char.isalpha() or char in "'-" for char in written):
        # A script whose vowels are marks would lose them: no name is better than half of one.
        return Word(written, key(written), Sort.NUMBER)
    return Word(written, key(written), _sort(key(written)))


def _is_mark(text: str, index: int) -> bool:
    return 0 <= index < len(text) and unicodedata.category(text[index]).startswith("M")


def _sort(word: str) -> Sort:
    for words, sort in _SORTS:
        if word in words:
            return sort
    # "left-wing", but not "Kelly-Ann".
    compound = "-" in word and all(part in FILLERS | NEVER_NAMES for part in word.split("-"))
    return Sort.NEVER if compound else Sort.PLAIN


_SORTS = (
    (HONORIFICS, Sort.TITLE),
    (PREPOSITIONS, Sort.PREPOSITION),
    (FILLERS, Sort.FILLER),
    (STREETS, Sort.STREET),
    (SOFT, Sort.SOFT),
    (NEVER_NAMES, Sort.NEVER),
)


def _without_addresses(words: list[Word]) -> tuple[Word, ...]:
    """Drop "Queens Road" after "14"."""
    kept: list[Word] = []
    index = 0
    while index < len(words):
        kept.append(words[index])
        index = _after_street(words, index) if words[index].sort is Sort.NUMBER else index + 1
    return tuple(kept)


def _after_street(words: list[Word], number: int) -> int:
    reach = range(number + 1, min(number + 1 + _STREET_REACH, len(words)))
    streets = [index for index in reach if words[index].key in STREETS_AFTER_NUMBER]
    if not streets:
        return number + 1
    # "14 St Mark's Road" has its street at the end; "14 Broadway" at once.
    end = next((index for index in streets if index > number + 1), streets[0])
    while end + 1 < len(words) and words[end + 1].key in STREETS_AFTER_NUMBER:
        end += 1
    return end + 1
