"""Cutting a text into clauses of words, each word sorted by what it may be part of."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from branches.texting.understanding.given_names import GIVEN_NAMES
from branches.texting.understanding.words import (
    DWELLINGS,
    FILLERS,
    HONORIFICS,
    NEVER_NAMES,
    PREPOSITIONS,
    SOFT,
    STREETS,
    STREETS_AFTER_NUMBER,
    SURNAMES_TOO,
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
_P_CODE = re.compile(r"\bp[./ ]code\b", re.IGNORECASE)
# Their second word is a name's too.
_GREETING = re.compile(r"\b(?:bore da|p(?:ry|')?nhawn da|noswaith dda|nos da)\b", re.IGNORECASE)
_SAYS_WHO = re.compile(
    r"\b(?:i'm|im|i am|it's|its|it is|this is|call me|i'm called|im called|i am called|yours,?"
    r"|soy|me llamo|sono|mi chiamo|je suis|je m'appelle|jestem|nazywam się|ich bin|fi yw)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"[\x01-\x04]|[^\W_](?:[^\W_]|['\-](?=[^\W_]))*|[\n,;:!?()\[\]{}\"|/<>=+~*&@#%\\^_.\-]",
)
_LETTERS_THAT_ARE_WORDS = frozenset("IUXiuxano")
_CUT_SHORT = frozenset({"md", "mohd", "muhd"})
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

    @property
    def given(self) -> bool:
        """Whether it is a common first name."""
        bare = unicodedata.normalize("NFD", self.key)
        return "".join(filter(str.isascii, bare)).partition("-")[0] in GIVEN_NAMES


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that no punctuation parts.

    `segment` counts the postcodes before it, and `opens` says whether a sentence begins here, so
    that a capital letter tells nothing.
    """

    words: tuple[Word, ...]
    segment: int
    opens: bool
    sorts: frozenset[Sort]

    @classmethod
    def of(cls, words: list[Word], segment: int, *, opens: bool) -> "Clause":
        """Sort the words out, and note once which sorts are there: each run of them asks."""
        told = _sorted_out(words)
        return cls(told, segment, opens, frozenset(word.sort for word in told))


_MARKS = {_LABEL: Sort.LABEL, _SAYING: Sort.SAYING, _SURNAME: Sort.SURNAME}


def clauses_of(text: str) -> Iterator[Clause]:
    """Cut a text, in which `PLACE` stands for each postcode, into its clauses."""
    marked = _SURNAME_LABEL.sub(_SURNAME, _GREETING.sub(", ", _P_CODE.sub("postcode", text)))
    marked = _NAME_LABEL.sub(_LABEL, marked)
    marked = _SAYS_WHO.sub(_SAYING, marked)
    words: list[Word] = []
    segment, opens = 0, True
    for match in _TOKEN.finditer(marked):
        if match[0] in _MARKS or match[0][0].isalnum():
            words.append(_word(marked, match))
        elif not (match[0] == "." and words and _takes_a_stop(words[-1])):
            yield Clause.of(words, segment, opens=opens)
            words, opens = [], match[0] in _SENTENCE_ENDS
            segment += match[0] == PLACE
        elif words[-1].sort is not Sort.TITLE:
            words[-1] = Word(words[-1].text + ".", words[-1].key, Sort.PLAIN)
    yield Clause.of(words, segment, opens=opens)


def is_initial(word: Word) -> bool:
    """Say whether a letter stands by itself that is not a word, or a kiss."""
    return len(word.text) == 1 and word.text.isalpha() and word.text not in _LETTERS_THAT_ARE_WORDS


def _takes_a_stop(word: Word) -> bool:
    """Say whether a full stop after the word ends no sentence: "Dr." and "J."."""
    return word.sort is Sort.TITLE or word.key in _CUT_SHORT or is_initial(word)


def _word(text: str, match: re.Match[str]) -> Word:
    if match[0] in _MARKS:
        return Word("", "", _MARKS[match[0]])
    written = match[0]
    if written.lower().endswith("'s") and not _is_ordinary(key(written)):
        written = written[:-2]
    marked = _is_mark(text, match.start() - 1) or _is_mark(text, match.end())
    if marked or not all(char.isalpha() or char in "'-" for char in written):
        # A script whose vowels are marks would lose them: no name is better than half of one.
        return Word(written, key(written), Sort.NUMBER)
    return Word(written, key(written), _sort(key(written)))


def _is_ordinary(word: str) -> bool:
    return word in FILLERS or word in NEVER_NAMES


def _is_mark(text: str, index: int) -> bool:
    return 0 <= index < len(text) and unicodedata.category(text[index]).startswith("M")


def _sort(word: str) -> Sort:
    for words, sort in _SORTS:
        if word in words:
            return sort
    # "left-wing", but not "Kelly-Ann".
    compound = "-" in word and all(map(_is_ordinary, word.split("-")))
    return Sort.NEVER if compound else Sort.PLAIN


_SORTS = (
    (HONORIFICS, Sort.TITLE),
    (PREPOSITIONS, Sort.PREPOSITION),
    (FILLERS, Sort.FILLER),
    (STREETS, Sort.STREET),
    (SOFT, Sort.SOFT),
    (NEVER_NAMES, Sort.NEVER),
)


def _sorted_out(words: list[Word]) -> tuple[Word, ...]:
    """Drop addresses, and take the ordinary word that ends a clause after a name for a surname."""
    kept = _without_addresses(words)
    named = len(kept) > 1 and (kept[-2].given or kept[-2].sort is Sort.SOFT)
    surname = kept[-1] if named else None
    if surname and surname.key in SURNAMES_TOO and (surname.text.istitle() or len(kept) == 2):  # noqa: PLR2004 - a first name and a surname
        kept[-1] = replace(surname, sort=Sort.SOFT)
    return tuple(kept)


def _without_addresses(words: list[Word]) -> list[Word]:
    """Drop "Queens Road" after "14", and "flat" before it."""
    kept: list[Word] = []
    index = 0
    while index < len(words):
        kept.append(words[index])
        if words[index].sort is not Sort.NUMBER:
            index += 1
            continue
        if len(kept) > 1 and kept[-2].key in DWELLINGS:
            del kept[-2]
        index = _after_street(words, index)
    return kept


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
