"""QR codes, drawn to stand in a page."""

import io

import segno

QUIET_MODULES = 4
"""How many empty modules stand around a code at least (ISO/IEC 18004, 5.3.8)."""
_ERROR = "m"  # reads with some 15 % of it hidden: paper is folded and rained on


def code_of(address: str) -> segno.QRCode:
    """Give the QR code of an address, of as few modules as it takes."""
    return segno.make_qr(address, error=_ERROR)


def drawing_of(address: str) -> str:
    """Draw the QR code of an address as an SVG to stand in a page.

    Black on white whatever the page's colours are, in attributes alone: our content policy lets
    no `style` through.
    """
    written = io.BytesIO()
    code_of(address).save(
        written,
        kind="svg",
        border=QUIET_MODULES,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="code",
        lineclass=None,
        nl=False,
    )
    return written.getvalue().decode()
