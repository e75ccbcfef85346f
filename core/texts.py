"""Texts that people typed: whether there is anything in one, and whether it can be shown."""

import unicodedata

_KEPT_CONTROLS = frozenset("\n\t")


def says_something(text: str) -> bool:
    """Say whether there is anything in a text that can be seen."""
    return any(unicodedata.category(letter)[0] in "LNPS" for letter in text)


def unshowable(text: str, *, lines: bool = False) -> bool:
    """Say whether a text holds what no page or mail can show: controls, halves of characters.

    `lines` lets it have several lines.
    """
    return not text.isprintable() and any(
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
        and not (lines and letter in _KEPT_CONTROLS)
        for letter in text
    )
