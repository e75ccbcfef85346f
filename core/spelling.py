"""Spelling: what two ways of writing a name have in common, for finding people and sorting them."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
# A name that some write as one word, some as two, and some with an apostrophe.
_BEGINS = re.compile(r"\b(o|mc) (?=[^\W_]{2})")
# Letters that no decomposition takes apart, and how they are written without them.
_LETTERS = str.maketrans(
    {
        **dict(zip("øłđð\N{LATIN SMALL LETTER DOTLESS I}", "olddi", strict=True)),
        **dict(zip("þæœ", ("th", "ae", "oe"), strict=True)),
        **dict.fromkeys("'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`", ""),
    }
)
LAST = "\U0010ffff"
"""Sorts after whatever else a word could go on with: a range of words that begin so ends here."""
MOST_WORDS = 8
"""Of a name, so many words are looked for: the first ones, and the last."""


def words(text: str) -> list[str]:
    """Return the words of a name without case, accents and apostrophes; a hyphen parts two.

    `O'Brien`, `O Brien` and `OBrien` are one word.
    """
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    spaced = " ".join(_WORD.findall(bare.casefold().translate(_LETTERS)))
    found = _BEGINS.sub(r"\1", spaced).split()
    return found if len(found) <= MOST_WORDS else [*found[: MOST_WORDS - 1], found[-1]]


def sort_key(name: str) -> str:
    """Return what a name is sorted by: its last part, hyphens included, then what comes before."""
    found = words(name)
    last = words(name.rsplit(maxsplit=1)[-1]) if found else []
    many = len(last) if last and found[-len(last) :] == last else 1
    return " ".join([*found[-many:], *found[:-many]])


def turned(name: str) -> list[str]:
    """Return the name begun at each of its words: `sam jones` and `jones sam`."""
    found = words(name)
    return list(dict.fromkeys(" ".join(found[at:] + found[:at]) for at in range(len(found))))
