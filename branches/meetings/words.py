"""The words in which people say when a branch meets, and a text cut into them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from branches.meetings.times import Clock, clock_of

_SHORT_DAYS = (
    ("mon",),
    ("tue", "tues"),
    ("wed", "weds"),
    ("thu", "thur", "thurs"),
    ("fri",),
    ("sat",),
    ("sun",),
)
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {word: number for number, words in enumerate(_SHORT_DAYS) for word in words}
DAYS = _SHORT | {
    f"{word}{ending}": number
    for number, word in enumerate(_LONG_DAYS)
    for ending in ("", "s", "'s", "s'")
}
"""Days of the week, by the number from Monday, nought."""

_NTHS = (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"))
ORDINALS = {word: number for number, words in enumerate(_NTHS, 1) for word in words} | {"last": -1}
PARTS = {
    **dict.fromkeys(("morning", "mornings"), "morning"),
    **dict.fromkeys(("afternoon", "afternoons", "lunchtime", "lunchtimes"), "afternoon"),
    **dict.fromkeys(("evening", "evenings", "night", "nights"), "evening"),
}
MONTHLY = frozenset({"month", "monthly"})
VERBS = frozenset({"meet", "meets", "meeting", "meetings", "held", "branch"})
"""Words that end the subject of a sentence: what stands before them is no place."""

FILLERS = VERBS | {
    *("on", "at", "in", "@", "&", "+", "/", "and", "every", "each", "the", "of", "a", "per"),
    *(
        "we",
        "is",
        "are",
        "our",
        "all",
        "weekly",
        "week",
        "calendar",
        "regular",
        "from",
        "start",
        "starts",
    ),
    *("sharp", "prompt", "promptly", "onwards", "venue", "place", "time", "day", "when", "where"),
    *("-", "o'clock", "regular", "start", "starts"),
}
"""Words that say nothing of where; they are taken off both ends of a place."""

NOTES = frozenset(
    {
        *("ring", "call", "phone", "telephone", "text", "contact", "ask", "email", "e-mail", "see"),
        *("welcome", "details", "check", "visit", "website", "follow", "join", "come", "info"),
    }
)
"""Words that turn a part of the text into a note to the reader, which is no place."""

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "sept"),
    *("oct", "nov", "dec"),
)
DOUBTS = frozenset(
    {
        *("alternate", "alternates", "alternately", "alternating", "other", "fortnight"),
        *("fortnightly", "bi-weekly", "biweekly", "bimonthly", "bi-monthly"),
        *(
            "weeks",
            "months",
            "once",
            "twice",
            "quarterly",
            "odd",
            "even",
            "weekday",
            "weekdays",
            "weekend",
        ),
        *("weekends", "daily", "sixth", "irregular"),
        *("except", "excluding", "excl", "not", "no", "but", "unless", "if", "only", "or"),
        *("usually", "normally", "generally", "typically", "mostly", "most", "some", "sometimes"),
        *("occasional", "occasionally", "often", "approx", "approximately", "about", "around"),
        *(
            "circa",
            "roughly",
            "varies",
            "vary",
            "varying",
            "various",
            "might",
            "could",
            "irregular",
        ),
        *("provisional", "provisionally", "proposed", "possibly", "probably", "maybe", "hopefully"),
        *("tbc", "tba", "tbd", "confirm", "confirmed", "announced", "arranged", "suspended"),
        *("cancelled", "canceled", "paused", "postponed", "formerly", "previously", "until"),
        *("starting", "resuming", "resume", "resumes", "since", "before", "after", "next", "this"),
        *("tomorrow", "today", "tonight", "following", "term", "terms", "term-time", "termtime"),
        *("holiday", "holidays", "summer", "winter", "spring", "autumn", "easter", "christmas"),
        *("date", "dates", "between", "doors", "instead"),
        *_MONTH_NAMES,
    }
)
"""Words that take something back, or leave it open."""

_DASH = re.compile(r"[-\u2010-\u2015]|to|until|till|til", re.IGNORECASE)
_TIME = (
    r"12\s?noon\b|noon\b|midday\b"
    r"|[0-9]{1,2}(?:[:.h][0-5][0-9])?\s?(?:[ap]\.m\.?|[ap]m\b\.?|(?:hrs|hr|hours|h)\b)"
    r"|[0-9]{1,2}[:.h][0-5][0-9]\b(?!\.?[0-9])"
    r"|[0-9]{4}\s?(?:hrs|hr|hours|h)\b"
    r"|[0-9]{1,4}\b(?![a-z'])"
)
_DAY = "|".join(sorted(DAYS, key=len, reverse=True))
_TOKEN = re.compile(
    rf"(?P<time>{_TIME})"
    rf"|(?P<day>(?:{_DAY})(?![\w'])\.?)"
    r"|(?P<dash>[-\u2010-\u2015]+)"
    r"|(?P<stop>[,;:|()\[\]\u2022!?]+)"
    r"|(?P<joint>[&+/@])"
    r"|(?P<word>[^\s,;:|()\[\]\u2022!?&+/@]+)",
    re.IGNORECASE,
)
_BESIDE_A_DAY = FILLERS | PARTS.keys()
_ABBREVIATED = 3  # letters before a full stop that ends no sentence, as in "St. John's"


class Kind(Enum):
    """What sort of word it is."""

    DAY = auto()
    DASH = auto()
    STOP = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A word, in small letters, and where in the text it stands.

    `clock` is the time of day that it says, or may say beside another.
    """

    kind: Kind
    word: str
    start: int
    end: int
    clock: Clock | None = None

    @property
    def joins(self) -> bool:
        """Whether it may stand between two of a list."""
        return self.word in ("and", "&", "+", "/", ",", "the")


def tokens_of(text: str) -> list[Token]:
    """Cut a text, in its usual form (NFKC) and on one line, into words."""
    found = list(_cut(text.replace("\u2019", "'")))
    return [_in_its_place(found, at) for at in range(len(found))]


def _cut(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        word, start, end = match[0].lower(), match.start(), match.end()
        if match["time"]:
            yield Token(Kind.WORD, word, start, end, clock_of(word.replace(" ", "")))
        elif match["day"]:
            yield Token(Kind.DAY, word.rstrip("."), start, end)
        elif match["dash"]:
            apart = text[start - 1 : start] in ("", " ") and text[end : end + 1] in ("", " ")
            yield Token(Kind.DASH, " - " if apart else "-", start, end)
        elif match["stop"]:
            yield Token(Kind.STOP, match[0][0], start, end)
        else:
            yield from _word(match[0], start, end)


def _word(text: str, start: int, end: int) -> Iterator[Token]:
    """Give a word, and the full stop behind it where a sentence ends there."""
    word = text.rstrip(".")
    plain = word.lower()
    kind = Kind.DASH if _DASH.fullmatch(plain) and plain != "-" else Kind.WORD
    if plain:
        yield Token(kind, plain, start, start + len(word))
    if word != text and (len(word) > _ABBREVIATED or not word.isalpha()):
        yield Token(Kind.STOP, ".", end - 1, end)


def _in_its_place(tokens: list[Token], at: int) -> Token:
    """Give a token as its neighbours make it out: "The Sun Inn" is no day."""
    token = tokens[at]
    short = token.kind is Kind.DAY and token.word in ("sun", "mon")
    before = tokens[at - 1].word if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    name = after is not None and after.kind is Kind.WORD and after.clock is None
    plain = name and after is not None and after.word not in _BESIDE_A_DAY
    if short and (before == "the" or plain):
        return Token(Kind.WORD, token.word, token.start, token.end)
    if token.kind is Kind.DASH and token.word == " - " and not _between_times(tokens, at):
        return Token(Kind.STOP, "-", token.start, token.end)
    return token


def _between_times(tokens: list[Token], at: int) -> bool:
    """Whether a dash stands between what may be two times."""
    beside = tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2]
    return len(beside) == 2 and all(token.clock for token in beside)  # noqa: PLR2004 -- both sides
