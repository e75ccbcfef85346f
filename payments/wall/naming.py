"""Naming: how a giver is named beside a message, as they chose."""

_TITLES = frozenset(
    (
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "revd", "fr"),
        *("cllr", "sir", "dame", "lord", "lady", "sister", "brother", "comrade"),
    )
)


def shown(name: str, display: str) -> str | None:
    """Return the name to show; None where there is to be none.

    What is not `full` or `first` shows nothing, and so does a first name that cannot be told.
    """
    if display == "full":
        return name.strip() or None
    return _first(name) if display == "first" else None


def _first(name: str) -> str | None:
    """Find the first name in `Sam Jones`, `Dr. Sam Jones` and `Jones, Sam`.

    A title with one word after it, such as `Ms Jones`, has no first name: the word is the surname.
    """
    before, _, after = name.partition(",")
    words = (after if len(before.split()) == 1 and after.strip() else before).split()
    untitled = list(words)
    while untitled and untitled[0].rstrip(".").casefold() in _TITLES:
        del untitled[0]
    if not untitled or (len(untitled) == 1 and len(words) > 1):
        return None
    return untitled[0]
