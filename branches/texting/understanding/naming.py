"""Finding the name in a text: what is left after places, labels, greetings and sentences.

There may be none, and that never stands in the way of an answer.
"""

from collections.abc import Iterable

from branches.texting.understanding.runs import PLACE, Run, runs_in
from branches.texting.understanding.words import HONORIFICS, PARTICLES, key

LONGEST_NAME = 60
"""Characters of a name, at most."""

_LONGEST_WORD = 30
_LONGEST_FIRST_NAME = 20
_MOST_WORDS = 5
_MC = 3


def name_in(text: str, places: Iterable[tuple[int, int]]) -> str | None:
    """Give the sender's name, well-cased, or None; `places` are stretches that are no name.

    The name holds letters, apostrophes, hyphens, spaces and full stops only, 60 at most.
    """
    runs = [run for run in runs_in(_without(text, places)) if _may_be_a_name(run)]
    if not runs:
        return None
    best = max(runs, key=lambda run: run.score)
    words = [*best.words, *best.surname]
    if len(words) > 1 and key(words[0].rstrip(".")) in HONORIFICS:
        words = words[1:] if len(words) > 2 else words  # noqa: PLR2004 - "Mr Smith" stays as it is
    name = " ".join(_well_cased(words))
    return name if len(name) <= LONGEST_NAME else None


def first_name(name: str | None) -> str | None:
    """Give the name to greet someone by: letters only, at most 20 of them, or None.

    Whoever signs "Mr Smith" or "J. Smith" has told us no such name.
    """
    first = name.split()[0] if name else ""
    if key(first.rstrip(".")) in HONORIFICS:
        return None
    return first if first.isalpha() and 1 < len(first) <= _LONGEST_FIRST_NAME else None


def _without(text: str, places: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(places, reverse=True):
        text = text[:start] + PLACE + text[end:]
    return text


def _may_be_a_name(run: Run) -> bool:
    words = run.words
    if not 0 < len(words) <= _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in words):
        return False
    # One letter is an initial, not a name.
    return any(sum(map(str.isalpha, word)) > 1 or not word.isascii() for word in words)


def _well_cased(words: list[str]) -> list[str]:
    return [
        word.lower() if _is_particle(words, index) else _cased(word)
        for index, word in enumerate(words)
    ]


def _is_particle(words: list[str], index: int) -> bool:
    """Tell the "de" of Maria de Souza from the De that she may write herself."""
    word = words[index]
    return 0 < index < len(words) - 1 and key(word) in PARTICLES and not word.istitle()


def _cased(word: str) -> str:
    if word.isupper() or word.islower() or word == word.title().swapcase():
        word = word.lower()
    return "-".join(_part_cased(part) for part in word.split("-"))


def _part_cased(part: str) -> str:
    if not part.islower():
        return _inner(part)
    part = part[:1].upper() + part[1:]
    if part.startswith("Mc") and len(part) > _MC:
        part = part[:2] + part[2:3].upper() + part[3:]
    return _inner(part)


def _inner(part: str) -> str:
    """Raise the letter after the apostrophe of O'Neill and D'Arcy."""
    before, mark, after = part.partition("'")
    if mark and len(before) == 1 and after.islower():
        return f"{before}'{after[:1].upper()}{after[1:]}"
    return part
