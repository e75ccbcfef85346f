"""Cells that a spreadsheet opens as what they are: text is never taken for a formula."""

# OWASP ASVS 5.0.0, 1.2.10. A carriage return is cut off by some, and what comes behind it begins.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\N{FULLWIDTH EQUALS SIGN}")
_ALSO = ("\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")


def plain(cell: object) -> str:
    """Return a cell's text, with an apostrophe before what would begin a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith((*_FORMULA, *_ALSO)) else text
