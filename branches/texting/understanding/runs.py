"""Runs of words that may be a name, each with a score for how likely it is.

A run is as likely as its surroundings: after "my name is" it is all but certain; a clause that is
nothing else comes next; a run inside a sentence needs a capital letter or a place at its edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from branches.texting.understanding.tokens import PLACE, Clause, Sort, Word, clauses_of, is_initial
from branches.texting.understanding.words import PARTICLES, PLACES, PLACES_THAT_ARE_SURNAMES

__all__ = ["PLACE", "Run", "runs_in"]

_LABELLED, _SAID = 100, 90
_CLAUSE, _LATER_CLAUSE = 50, 40
_IN_SENTENCE, _AT_EDGE = 30, 10
_SIGNED_FROM, _BESIDE_A_STREET, _PLACE_NAME, _SENT_TO = 15, 12, 20, 8
_FULL_NAME, _GIVEN_NAME = 3, 15
_ASIDE = 25

_NAMED_BY = frozenset({"from", "for", "by"})
_DOES = frozenset(
    "wants want would like likes looking wanting is here lives needs interested wishes".split(),  # noqa: SIM905 - a list reads easier as prose
)
_CLOSINGS = frozenset("please pls plz thanks thx cheers ta regards love xx x".split())  # noqa: SIM905 - likewise
_ARTICLES = frozenset({"a", "an", "the", "my", "your", "our", "this", "some", "any"})
_OF_SOMEBODY_ELSE = frozenset(
    "son daughter husband wife boyfriend girlfriend friend mum dad mp".split(),  # noqa: SIM905 - likewise
)
_SUBJECTS = frozenset({"i", "u", "you", "it", "we", "they", "there", "that", "this", "be"})
_ADDRESSED = frozenset({"to", "for"})
_NO_NAME_ENDINGS = ("tion", "ness", "ism", "isms", "ings", "ing", "able", "ful", "less", "ive")
_QUARTERS = frozenset({"north", "south", "east", "west", "central", "greater"})
_LONG_WORD = 6
_MOST_AT_EDGE = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Words as written that may be a name, and the surname where a label gives it apart."""

    words: tuple[str, ...]
    score: int
    surname: tuple[str, ...] = ()
    given: bool = False


@dataclass(slots=True)
class _Gathered:
    """Neighbouring words of a clause, and what stands before and after them."""

    words: list[Word] = field(default_factory=list)
    before: Word | None = None
    after: Word | None = None
    place_like: Word | None = None


def runs_in(text: str) -> list[Run]:
    """Give every run of a text that may be a name, in the text's order."""
    clauses = list(clauses_of(text))
    case_tells = _case_tells(clauses)
    found: list[Run] = []
    surname: tuple[str, ...] = ()
    used: set[int] = set()
    for clause in clauses:
        for gathered in _gather(clause):
            words = _trimmed(gathered)
            if gathered.before is not None and gathered.before.sort is Sort.SURNAME:
                surname = words
                continue
            score = _score(clause, gathered, case_tells=case_tells)
            if score == _CLAUSE and clause.segment in used:
                score = _LATER_CLAUSE
            if score >= _LATER_CLAUSE:
                used.add(clause.segment)
            if score and words:
                found.append(_valued(Run(words, score, given=gathered.words[0].given)))
    return [replace(run, surname=surname) for run in found if run.score > 0]


def _case_tells(clauses: list[Clause]) -> bool:
    """Say whether a capital letter means anything here: not where all are, or only first ones."""
    written = [word for clause in clauses for word in clause.words if word.sort is not Sort.NUMBER]
    if all(word.text.isupper() for word in written if len(word.text) > 1):
        return False
    return any(
        word.text[:1].isupper() and word.key != "i"
        for clause in clauses
        for word in clause.words[clause.opens :]
    )


def _gather(clause: Clause) -> Iterator[_Gathered]:
    """Give the runs of a clause: a preposition makes a place of what follows it."""
    current = _Gathered()
    place_like: Word | None = None
    before: Word | None = None
    for index, word in enumerate(clause.words):
        if _is_part(clause, index, current.words):
            if not current.words:
                current.before, current.place_like = before, place_like
            current.words.append(word)
            continue
        if current.words:
            current.after = word
            yield current
        current, before = _Gathered(), word
        place_like = _place_like(word, place_like)
    if current.words:
        yield current


def _place_like(word: Word, earlier: Word | None) -> Word | None:
    if word.sort is Sort.PREPOSITION:
        return word
    return earlier if word.sort is Sort.FILLER else None


def _is_part(clause: Clause, index: int, words: list[Word]) -> bool:
    word = clause.words[index]
    if word.sort is Sort.TITLE:
        return not words
    if word.sort is Sort.PLAIN:
        return True
    if word.sort is Sort.SOFT:
        return not _is_sentence(clause) or word.text[:1].isupper() or _is_softly_part(clause, index)
    following = clause.words[index + 1] if index + 1 < len(clause.words) else None
    if following is None:
        return False
    if word.key in PARTICLES and words:
        return following.sort in {Sort.PLAIN, Sort.SOFT} or following.key in PARTICLES
    capital = word.text.isupper() or not _is_sentence(clause)
    leads = following.sort in {Sort.PLAIN, Sort.SOFT} or is_initial(following)
    return leads and capital and is_initial(word)


def _is_softly_part(clause: Clause, index: int) -> bool:
    """Say whether an ordinary word is a surname, as in "kelly price", or signs: "thanks mark"."""
    earlier = clause.words[index - 1] if index else None
    later = clause.words[index + 1] if index + 1 < len(clause.words) else None
    if earlier is None or (later is not None and later.sort is Sort.NEVER):
        return False
    if later is clause.words[-1] and later.sort is Sort.PLAIN:
        return True
    return earlier.sort is Sort.PLAIN or earlier.key in _CLOSINGS


def _is_sentence(clause: Clause) -> bool:
    return Sort.NEVER in clause.sorts


def _trimmed(gathered: _Gathered) -> tuple[str, ...]:
    """Drop the town after a name, and the street's own name before its "Road"."""
    words = list(gathered.words)
    if gathered.after is not None and gathered.after.sort is Sort.STREET:
        words = words[:-1]
    while len(words) > 1 and words[-1].key in PLACES:
        if words[-1].key in PLACES_THAT_ARE_SURNAMES and len(words) < 3:  # noqa: PLR2004 - name and surname
            break
        words.pop()
    while words and len(words) < len(gathered.words) and words[-1].key in _QUARTERS:
        words.pop()
    while words and words[-1].key in PARTICLES and words[-1].text.islower() and len(words) > 1:
        words.pop()
    if all(word.sort is Sort.TITLE for word in words):
        return ()
    return tuple(word.text for word in words)


def _score(clause: Clause, gathered: _Gathered, *, case_tells: bool) -> int:
    if _asks(gathered):
        return 0
    told = _introduced(gathered)
    if told is not None:
        return told
    if gathered.place_like is not None:
        return _after_preposition(clause, gathered, gathered.place_like.key)
    beside = gathered.after is not None and gathered.after.sort is Sort.STREET
    if _is_sentence(clause) and not beside:
        return _in_sentence(clause, gathered, case_tells=case_tells)
    if beside or Sort.STREET in clause.sorts:
        return _BESIDE_A_STREET
    # Where others have their capitals, "useless" is no name.
    return _ASIDE if case_tells and not _has_capital(gathered) else _CLAUSE


def _has_capital(gathered: _Gathered) -> bool:
    return any(not word.text[:1].islower() for word in gathered.words)


def _asks(gathered: _Gathered) -> bool:
    """Tell "will you" and "may I" from Will and May."""
    only = len(gathered.words) == 1 and gathered.words[0].sort is Sort.SOFT
    return only and gathered.after is not None and gathered.after.key in _SUBJECTS


def _introduced(gathered: _Gathered) -> int | None:
    """Give the score of what follows "my name is", "I'm" or an article, or None."""
    before = gathered.before
    if before is None:
        return None
    if before.key in _ARTICLES or before.key in _OF_SOMEBODY_ELSE:
        return 0
    if before.sort is Sort.LABEL:
        return _LABELLED
    return _SAID if before.sort is Sort.SAYING and _is_said(gathered) else None


def _after_preposition(clause: Clause, gathered: _Gathered, preposition: str) -> int:
    """Tell "from John Smith" and "details to Harriet Boyd" from "Sam from Hackney"."""
    if preposition in _NAMED_BY and _opens(clause):
        return _SIGNED_FROM
    capitals = all(word.text[:1].isupper() for word in gathered.words)
    full = len(gathered.words) > 1 and (capitals or gathered.words[0].given)
    return _SENT_TO if full and preposition in _ADDRESSED else 0


def _opens(clause: Clause) -> bool:
    """Say whether a clause begins with its preposition: "from John Smith"."""
    told = (word.sort for word in clause.words if word.sort is not Sort.FILLER)
    return next(told, None) is Sort.PREPOSITION


def _is_said(gathered: _Gathered) -> bool:
    """Tell "I'm Tariq" from "I'm keen to help"."""
    first = gathered.words[0]
    if _is_no_name(first):
        return False
    if first.text[:1].isupper():
        return True
    after = gathered.after
    return after is None or (
        after.sort is not Sort.NEVER and after.key not in {"to", "about", "that"}
    )


def _is_no_name(word: Word) -> bool:
    return len(word.key) >= _LONG_WORD and word.key.endswith(_NO_NAME_ENDINGS)


def _in_sentence(clause: Clause, gathered: _Gathered, *, case_tells: bool) -> int:
    words, after = gathered.words, gathered.after
    starts = words[0] is clause.words[0]
    capitals = all(word.text[:1].isupper() or word.key in PARTICLES for word in words)
    if starts and not (len(words) > 1 and case_tells and capitals):
        told = (after is not None and after.key in _DOES) or words[0].given
        return _AT_EDGE if told and len(words) <= _MOST_AT_EDGE else 0
    if case_tells:
        return _IN_SENTENCE if capitals else 0
    fits = len(words) <= _MOST_AT_EDGE and not any(_is_no_name(word) for word in words)
    return _AT_EDGE if fits and (words[0].given or _ends(clause, words[-1])) else 0


def _ends(clause: Clause, last: Word) -> bool:
    """Say whether nothing but fillers follows a word of a clause."""
    for word in reversed(clause.words):
        if word is last or word.sort is not Sort.FILLER:
            return word is last
    return False


def _valued(run: Run) -> Run:
    """Prefer a full name, and think little of a town standing by itself."""
    if len(run.words) == 1 and run.words[0].lower() in PLACES and run.score < _SAID:
        return replace(run, score=min(run.score, _PLACE_NAME) if run.given else 0)
    full = 1 < len(run.words) <= _MOST_AT_EDGE
    bonus = _FULL_NAME * full + _GIVEN_NAME * run.given
    return replace(run, score=run.score + bonus)
