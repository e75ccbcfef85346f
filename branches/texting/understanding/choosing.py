"""Several places in one text: which of them its sender means, where the words around them tell."""

import re

from branches.texting.understanding.meaning import Place
from branches.texting.understanding.places import Found

_WORDS = re.compile(r"(?:[^\W\d_]|')+|[.!?\n]")
_SENTENCE_END = frozenset(".!?\n")
_REACH = 4
_MOST_PLACES = 5

_AGAINST = frozenset(
    """
    no not isn't isnt wasn't wasnt never longer ignore wrong old was previous previously formerly
    former left leaving ex originally born used instead rather unlike before
    work works working job office uni university college school parent's parents' mum's mums dad's
    dads mother's father's sister's brother's friend's friends boyfriend's girlfriend's partner's
    partners daughter's son's his her their mate's mates
    """.split(),  # noqa: SIM905 - a list this long is easier to read as prose
)
_RELATIVES = frozenset(
    """
    mum dad mam mother father parents sister brother son daughter friend girlfriend boyfriend nan
    """.split(),  # noqa: SIM905 - likewise
)
_FOR = frozenset(
    """
    wait oops it's its now new moved moving actually correct correction sorry meant mean should
    currently
    """.split(),  # noqa: SIM905 - likewise
)
_FAINTLY_FOR = frozenset({"live", "living", "lives", "home", "based", "current", "i'm", "im"})
_NEARNESS = frozenset("nearest nearer near closest closer close next".split())  # noqa: SIM905 - likewise
_BREAK = re.compile(r"[,;()\n]")
_EITHER = frozenset({"or", "and", "either", "at", "in", "maybe", "possibly", "otherwise", "n"})
_AFTER_AGAINST = frozenset(
    {"old", "wrong", "before", "previously", "work", "previous", "incorrect", "no", "sorry"},
)
_AFTER_FOR = frozenset({"new", "now", "home", "correct", "current", "currently"})
_LABEL = re.compile(
    r"\bmy (?:new |current |home |actual )?post ?code(?: is|'s)?(?: now)?\W{0,3}$",
    re.IGNORECASE,
)


def choose(text: str, found: tuple[Found, ...]) -> tuple[Place, ...]:
    """Give the one place that is meant, or all that may be, in the order of the text.

    Words such as "not", "old" and "from" speak against the place that follows them, "now", "to"
    and "my postcode is" for it. Where they settle nothing, known postcodes go before unknown ones.
    """
    scores: list[int] = []
    for index, one in enumerate(found):
        before = text[found[index - 1].end if index else 0 : one.start]
        after = text[one.end : found[index + 1].start if index + 1 < len(found) else len(text)]
        followed = index + 1 < len(found) and not _BREAK.search(after)
        joined = index > 0 and _joins_equals(before)
        scores.append(
            scores[-1]
            if joined
            else _score(before, after, others=len(found) > 1, followed=followed)
        )
    meant = [one for one, score in zip(found, scores, strict=True) if score == max(scores)]
    if any(one.known for one in meant):
        meant = [one for one in meant if one.known]
    return tuple(dict.fromkeys(one.place for one in meant))[:_MOST_PLACES]


def _joins_equals(between: str) -> bool:
    """Say whether only "or" or "and" stands between two places."""
    words = {word.lower() for word in _WORDS.findall(between)}
    return bool(words & {"or", "and"}) and words <= _EITHER


def _score(before: str, after: str, *, others: bool, followed: bool) -> int:
    if _LABEL.search(before):
        return 1
    return _from_before(_last_clause(before), others=others) or _from_after(
        after, followed=followed
    )


def _last_clause(before: str) -> list[str]:
    words = [word.lower() for word in _WORDS.findall(before)]
    while words and words[-1] in _SENTENCE_END:
        words.pop()
    ends = [place for place, word in enumerate(words) if word in _SENTENCE_END]
    return words[ends[-1] + 1 if ends else 0 :][-_REACH:]


def _from_before(words: list[str], *, others: bool) -> int:
    faintly = 0
    for index, word in reversed(list(enumerate(words))):
        if word in _AGAINST or (word == "from" and others):
            return -1
        # "My mum lives at", but not "I live with my mum at".
        if word in _RELATIVES and "with" not in words:
            return -1
        # "moved to", but not "used to live at".
        to = word == "to" and not faintly and not _NEARNESS.intersection(words[:index])
        if word in _FOR or to:
            return 1
        if word in _FAINTLY_FOR or word == "be":
            faintly = 1
    return faintly


def _from_after(after: str, *, followed: bool) -> int:
    words = [word.lower() for word in _WORDS.findall(after)]
    while words and words[0] in {"is", "was", "my", "the"}:
        words.pop(0)
    first = words[0] if words else ""
    if followed and len(words) == 1 and first in _AGAINST:
        return 0  # "E11 1AA previously M15 6SH": it speaks of what follows
    return 1 if first in _AFTER_FOR else -1 if first in _AFTER_AGAINST else 0
