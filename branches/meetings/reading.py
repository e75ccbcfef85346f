"""Going through a text once: days, times, places, and the words that leave it open."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from branches.meetings.groups import Day, Group, Meeting
from branches.meetings.times import Clock, Undecided
from branches.meetings.words import (
    DAYS,
    DOUBTS,
    FILLERS,
    MONTHLY,
    NOTES,
    ORDINALS,
    PARTS,
    VERBS,
    Kind,
    Token,
    tokens_of,
)

_LONGEST = 500
_LONGEST_PLACE = 200
_NUMBERED_DAY = re.compile(r"[0-9]+(?:st|nd|rd|th)")
_NO_DATE_DIGITS = 7
_ADDRESS = re.compile(r"@|://|www\.")


def read(text: str) -> tuple[Meeting, ...]:
    """Give the meetings that a text names; none where it leaves a day or an hour open."""
    if len(text) > _LONGEST:
        return ()
    try:
        reader = _Reader(_plain(text))
        reader.read()
        found = list(_meetings(reader))
    except Undecided:
        return ()
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4096)  # a region's page asks for each of its branches
def names_a_day(text: str) -> bool:
    """Whether a text names a day of the week, so that it says something of when."""
    return any(token.kind is Kind.DAY for token in tokens_of(_plain(text[:_LONGEST])))


def _plain(text: str) -> str:
    """Give a text on one line, its letters and signs in their usual form."""
    lines = unicodedata.normalize("NFKC", text).replace("\n", ", ")
    shown = (" " if unicodedata.category(each)[0] == "C" else each for each in lines)
    return " ".join("".join(shown).split())


def _meetings(reader: "_Reader") -> Iterator[Meeting]:
    groups = reader.groups
    last = groups[-1].places if groups else []
    for group in groups:
        places = group.places or reader.leading or last
        yield from group.meetings(", ".join(places)[:_LONGEST_PLACE].strip())


class _Reader:
    """Goes through a text once, putting days and times into groups and the rest into places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.groups: list[Group] = []
        self.leading: list[str] = []
        self._run: list[Token] = []
        self._every = False

    def read(self) -> None:
        """Read it all.

        Raises:
            Undecided: at the first word that leaves it open.
        """
        at = 0
        while at < len(self.tokens):
            at = self._step(at)
        self._end_run()

    def _step(self, at: int) -> int:
        """Take the token at this place, and give the place of the next."""
        token = self.tokens[at]
        if token.kind is Kind.STOP:
            self._end_run()
            return at + 1
        self._doubt(at)
        for take in (self._take_time, self._take_days, self._take_word):
            after = take(at)
            if after > at:
                return after
        self._run.append(token)
        return at + 1

    def _doubt(self, at: int) -> None:
        """Stop at a word that leaves it open."""
        word = self.tokens[at].word
        before = self.tokens[at - 1].word if at else ""
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if after and (word, after.word) == ("next", "to"):
            return
        if after and word == "no" and after.word[0].isdigit():
            return  # the number of a house
        of_which = word == "week" and before not in ("every", "each", "a", "per")
        numbered = _NUMBERED_DAY.fullmatch(word) and word not in ORDINALS
        if word in DOUBTS or of_which or numbered:
            raise Undecided(word)

    def _take_time(self, at: int) -> int:
        """Take a time of day, or a start and an end."""
        first = self.tokens[at].clock
        if first is None:
            return at
        last = self._clock_after_dash(at)
        both = (first, last)
        if not any(clock and clock.certain for clock in both):
            return at  # a number of a house, perhaps
        self._end_run()
        group = self._group()
        if group.clocks is not None:
            group = self._open_group()
        group.clocks, group.time_first = both, not group.days
        return at + (3 if last else 1)

    def _clock_after_dash(self, at: int) -> Clock | None:
        following = self.tokens[at + 1 : at + 3]
        if len(following) == 2 and following[0].kind is Kind.DASH:  # noqa: PLR2004 -- dash, time
            return following[1].clock
        return None

    def _take_days(self, at: int) -> int:
        """Take a day of the week with what is said of which weeks."""
        weeks, after = self._ordinals(at)
        if after >= len(self.tokens) or self.tokens[after].kind is not Kind.DAY:
            return at
        every = self._every
        self._end_run()
        if [token.kind for token in self.tokens[after + 1 : after + 3]] == [Kind.DASH, Kind.DAY]:
            raise Undecided("a span of days")
        group = self._group()
        if group.clocks is not None and not (group.time_first and not group.places):
            group = self._open_group()
        group.days.append(Day(DAYS[self.tokens[after].word], weeks, every))
        return after + 1

    def _ordinals(self, at: int) -> tuple[tuple[int, ...], int]:
        """Read "first and third", and give the place after it."""
        weeks: list[int] = []
        while at < len(self.tokens) and self.tokens[at].word in ORDINALS:
            weeks.append(ORDINALS[self.tokens[at].word])
            at += 1
            joined = at
            while joined < len(self.tokens) and self.tokens[joined].joins:
                joined += 1
            if joined < len(self.tokens) and self.tokens[joined].word in ORDINALS:
                at = joined
        return tuple(weeks), at

    def _take_word(self, at: int) -> int:
        """Take a word that tells of the time, though it names none."""
        word = self.tokens[at].word
        if word in PARTS:
            self._end_run()
            group = self._group()
            if group.part not in (None, PARTS[word]):
                raise Undecided("two parts of the day")
            group.part = PARTS[word]
        elif word in MONTHLY:
            self._end_run()
            self._group().monthly = True
        else:
            self._every = word in ("every", "each")
            return at
        return at + 1

    def _group(self) -> Group:
        return self.groups[-1] if self.groups else self._open_group()

    def _open_group(self) -> Group:
        self.groups.append(Group())
        return self.groups[-1]

    def _end_run(self) -> None:
        """Keep the words since the last day, time or stop as a place, if they can be one.

        Raises:
            Undecided: where they look like a date, or say which week.
        """
        run, self._run, self._every = _bare(self._run), [], False
        if not run:
            return
        place = self.text[run[0].start : run[-1].end].strip(" -.")
        digits = sum(letter.isdigit() for letter in place)
        if run[-1].word in ORDINALS or (0 < digits < _NO_DATE_DIGITS and _without_letters(place)):
            raise Undecided("a day of the month, or a week of it")
        noted = any(token.word in NOTES for token in run) or _ADDRESS.search(place)
        if not noted and not _without_letters(place):
            (self.groups[-1].places if self.groups else self.leading).append(place)


def _bare(run: list[Token]) -> list[Token]:
    """Give the words of a place without those around it; none where they tell who meets."""
    words = [token.word for token in run]
    for at in range(len(run) - 1, 0, -1):
        if words[at - 1] in VERBS and words[at] in ("at", "in", "@"):
            return _bare(run[at + 1 :])
    first, last = 0, len(run)
    while first < last and words[first] in FILLERS:
        first += 1
    while last > first and words[last - 1] in FILLERS:
        last -= 1
    if any(word in VERBS for word in words[last:]):
        return []
    if 0 < first < last and words[first - 1] == "the":
        first -= 1
    return run[first:last]


def _without_letters(text: str) -> bool:
    return not any(letter.isalpha() for letter in text)
