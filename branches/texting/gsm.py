"""How many parts a text needs, and how to write it so that it needs few.

A text in the GSM 7-bit alphabet holds 160 septets, or 153 in each of several parts; any other holds
70 UTF-16 units, or 67 (3GPP TS 23.038 and 23.040). One letter outside the alphabet is enough to
halve a text's room, so `fold` writes such letters with those that are there.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PLAIN = "\n\r !\"#%&'()*+,-./0123456789:;<=>?@$_" + _LETTERS
_ACCENTED = "£¥¤§¿\u00a1èéùìòàÇØøÅåÆæßÉÄÖÑÜäöñü"
_GREEK = "\u0394\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e"
_EXTENSION = frozenset("\f^{}\\[~]|€")
_ALPHABET = frozenset(_PLAIN + _ACCENTED + _GREEK) | _EXTENSION

_WELSH = frozenset("âêîôûŵŷáíóúýẃẁẅỳïëÿÂÊÎÔÛŴŶÁÍÓÚÝẂẀẄỲÏËŸ")

_SUBSTITUTES = {
    "\t": " ",
    "ç": "c",
    "\u0060": "'",
    "\u00b4": "'",
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u02bc": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2033": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u00ad": "",
    "\u2022": "-",
    "\u00b7": "-",
    "\u2044": "/",
    "\u00d7": "x",
    "\u2028": "\n",
    "\u2029": "\n",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "œ": "oe",
    "Œ": "OE",
    "\u0131": "i",
    "ħ": "h",
    "Ħ": "H",
    "\u1e9e": "SS",
}

_BEYOND_ONE_UNIT = 0xFFFF


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs to send.

    `units` are septets where `coding` is ``gsm7`` and UTF-16 units where it is ``ucs2``; `parts`
    is the number of texts that the network charges for, at least one.
    """

    coding: Literal["gsm7", "ucs2"]
    units: int
    parts: int


def is_gsm7(text: str) -> bool:
    """Say whether the 7-bit alphabet and its extension table hold the whole text."""
    return _ALPHABET.issuperset(text)


def segments(text: str) -> Segments:
    """Count the units and parts of a text; no character is ever cut in two."""
    if is_gsm7(text):
        costs = [2 if char in _EXTENSION else 1 for char in text]
        return Segments("gsm7", sum(costs), _parts(costs, alone=160, joined=153))
    costs = [2 if ord(char) > _BEYOND_ONE_UNIT else 1 for char in text]
    return Segments("ucs2", sum(costs), _parts(costs, alone=70, joined=67))


def fold(text: str, *, keep_welsh: bool = False) -> str:
    """Write a text in the 7-bit alphabet: Welsh hats off, quotes straight, dashes short.

    What has no likeness there, such as an emoji, is left out. With `keep_welsh` the accented
    letters of Welsh stay, at the price of a 70-unit part.
    """
    kept = _ALPHABET | _WELSH if keep_welsh else _ALPHABET
    composed = unicodedata.normalize("NFC", text)
    return "".join(char if char in kept else _folded(char) for char in composed)


def _parts(costs: list[int], *, alone: int, joined: int) -> int:
    if sum(costs) <= alone:
        return 1
    parts, room = 1, joined
    for cost in costs:
        if cost > room:
            parts, room = parts + 1, joined
        room -= cost
    return parts


def _folded(char: str) -> str:
    if char in _SUBSTITUTES:
        return _SUBSTITUTES[char]
    pieces = (_SUBSTITUTES.get(piece, piece) for piece in unicodedata.normalize("NFKD", char))
    return "".join(piece for piece in pieces if piece in _ALPHABET or len(piece) > 1)
