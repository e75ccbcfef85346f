"""Making a text plain: one spelling of each character, and nothing that is not its sender's words.

Every step is linear in a text that is first cut to `LONGEST` characters.
"""

import re
import unicodedata

LONGEST = 1600
"""Characters of a text that are read: ten parts, the most that any network joins."""

_QUOTES = dict.fromkeys(
    map(ord, "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u0060\u00b4\uff07"), "'"
)
_QUOTES |= dict.fromkeys(map(ord, "\u201c\u201d\u201e\u2033\u00ab\u00bb"), '"')
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7\u2022"), "-")
_BREAKS = dict.fromkeys(map(ord, "\r\v\f\x85\u2028\u2029"), "\n")
_STRAIGHT = _QUOTES | _DASHES | _BREAKS

# Accents that no letter took up, the marks that make an emoji of a figure, and overlays.
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]")

_SENT_FROM = re.compile(
    r"\b(?:sent|get) (?:from |via |using |with |by )?(?:my |the |a )?"
    r"(?:iphone|ipad|android|galaxy|samsung|huawei|nokia|xiaomi|oneplus|pixel|mobile|smartphone"
    r"|phone|device|tablet|outlook|yahoo|gmail|hotmail|blackberry|windows|proton|bt|ee|o2"
    r"|vodafone)\b",
    re.IGNORECASE,
)
_REST_OF_SIGNATURE = re.compile(
    r" ?(?:galaxy [a-z]\d{1,3}[a-z]{0,2}(?= |$)|galaxy|iphone|ipad|android|samsung|mail|mobile"
    r"|smartphone|phone|device|tablet|for|on|ios|app|email|ultra|plus|pro|max|mini|note|5g|4g"
    r"|\d{1,2}(?= |$))(?![a-z0-9])",
    re.IGNORECASE,
)

_ADDRESSES = re.compile(
    r"(?<![^\s,;:<>()\[\]])(?:(?:https?://|www\.)[^\s,;<>]{1,300}"
    r"|[^\s,;:<>()\[\]@]{1,64}@[^\s,;:<>()\[\]@]{1,200}"
    r"|[a-z0-9\-]{2,40}\.(?:co\.uk|org\.uk|com|org|net|uk|ly|me)(?:/[^\s,;<>]{0,200})?(?![a-z0-9]))",
    re.IGNORECASE,
)
_PHONES = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:\+44|0044|\(?0)(?:[ .()\-]{0,2}[0-9]){9,10}"
    r"|\+(?:[ .()\-]{0,2}[0-9]){8,14})(?![0-9])",
)


# A contact card: its name and address are kept, the rest of its lines go.
_CARD = re.compile(r"BEGIN:VCARD\b", re.IGNORECASE)
_CARD_LINE = re.compile(
    r"^(?:BEGIN|END|VERSION|PRODID|N|NICKNAME|ORG|TITLE|TEL|EMAIL|URL|UID|REV|BDAY|NOTE|PHOTO|LABEL"
    r"|ITEM[0-9]|X-[A-Z\-]{1,30})[;:.][^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_CARD_NAME = re.compile(r"^FN[^:\n]{0,40}:", re.IGNORECASE | re.MULTILINE)
_CARD_ADDRESS = re.compile(r"^ADR[^:\n]{0,60}:", re.IGNORECASE | re.MULTILINE)

# A British Forces number; all of them share the outcode BF1.
_FORCES = re.compile(r"\bBFPO[ \-]?[0-9]{1,4}\b", re.IGNORECASE)


def clean(text: str) -> str:
    """Give the text in one plain spelling, cut to `LONGEST`, without signatures of devices.

    Quotes and dashes become straight, invisible marks go, and emoji, control characters and lone
    surrogates become spaces.
    """
    straight = text[:LONGEST].translate(_STRAIGHT)
    composed = unicodedata.normalize("NFKC", straight)[:LONGEST].translate(_STRAIGHT)
    plain = "".join(_plain(char) for char in _LOOSE_MARKS.sub("", composed))
    return _FORCES.sub("BF1", _without_signature(_out_of_card(plain))).strip()


def is_picture_only(text: str) -> bool:
    """Say whether a text is nothing but emoji and the like: a thumb up is a courtesy."""
    return clean(text) == "" and any(
        unicodedata.category(char) in {"So", "Sk"} for char in text[:LONGEST]
    )


def mask(text: str) -> str:
    """Put a break in place of web addresses, e-mail addresses and telephone numbers."""
    # An underscore stands for a space, but in an address it is a letter.
    return _PHONES.sub(" | ", _ADDRESSES.sub(" | ", text)).replace("_", " ")


def _plain(char: str) -> str:
    if char == "\n":
        return char
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return " " if category[0] in "CZ" or category in {"So", "Sk"} else char


def _out_of_card(text: str) -> str:
    if not _CARD.search(text):
        return text
    kept = _CARD_NAME.sub("name: ", _CARD_LINE.sub("", text))
    return _CARD_ADDRESS.sub("", kept).replace(";", ",")


def _without_signature(text: str) -> str:
    # Only what a device writes is cut: words after it on the same line may be the sender's.
    match = _SENT_FROM.search(text)
    if match is None:
        return text
    end = match.end()
    if match[0].lower().endswith("galaxy"):
        end = match.end() - len("galaxy")
    while rest := _REST_OF_SIGNATURE.match(text, end):
        end = rest.end()
    return f"{text[: match.start()]}\n{text[end:]}"
