"""Decoding: the bytes of a bank's file to text, or the words why not. Nothing is guessed at."""

import codecs
import re

MOST_BYTES = 20_000_000
"""Of a file: some two hundred thousand lines. More is not one statement."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx is a ZIP, .xls an OLE file
_LETTER_OF_UTF_8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_BEGINNING = 200


class Unreadable(ValueError):
    """The file is not text that can be read; `why` names the words for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def text_of(raw: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16, with or without a mark, or Windows-1252.

    A file that is UTF-8 in one place and not in another is refused: part of it would be wrong.

    Raises:
        Unreadable: for anything else.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable("too-big")
    if not raw.strip(b"\x00\r\n\t ,;"):
        raise Unreadable("empty")
    if raw.startswith(_WORKBOOKS):
        raise Unreadable("workbook")
    if raw.startswith(b"%PDF"):
        raise Unreadable("pdf")
    try:
        text = raw.decode(_encoding_of(raw)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    if not text:  # a mark of the encoding, and nothing behind it
        raise Unreadable("empty")
    return text


def _encoding_of(raw: bytes) -> str:
    if raw.startswith(_UTF_32):
        return "utf-32"
    if raw.startswith(_UTF_16):
        return "utf-16"
    begin = raw[:_BEGINNING]
    # Text in Latin letters has a NUL for every second byte in UTF-16.
    if begin[1::2].count(0) > len(begin) // 4 and not begin[0::2].count(0):
        return "utf-16-le"
    if begin[0::2].count(0) > len(begin) // 4 and not begin[1::2].count(0):
        return "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _LETTER_OF_UTF_8.search(raw) else "cp1252"
    return "utf-8"
