"""The code on a leaflet, read back out of its drawing."""

import re

import segno

from branches.leaflets import drawing_of, join_address
from core.qr_codes import QUIET_MODULES, code_of

ADDRESS = "https://example.org/join?branch=leyton&source=leaflet"
STEP = re.compile(r"([Mmh])(-?[0-9.]+)(?: ?(-?[0-9.]+))?")


def dark(drawing: str) -> set[tuple[int, int]]:
    """Follow the pen over the drawing, and return the column and row of every dark module."""
    path = re.search(r'stroke="#000" d="([^"]+)"', drawing)
    assert path, drawing
    found: set[tuple[int, int]] = set()
    x, y = 0.0, 0.0
    for step, first, second in STEP.findall(path[1]):
        if step == "h":
            found |= {(int(x) + n, int(y)) for n in range(int(first))}
            x += float(first)
        elif step == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return found


def test_the_address_is_that_of_joining_through_the_branch() -> None:
    assert join_address("https://example.org", "leyton") == ADDRESS


def test_the_drawing_holds_the_code_of_the_address_and_a_quiet_zone() -> None:
    drawing = drawing_of(ADDRESS)
    wanted = segno.make(ADDRESS, error="m", micro=False)
    size = len(wanted.matrix)
    expected = {
        (x + QUIET_MODULES, y + QUIET_MODULES)
        for y, row in enumerate(wanted.matrix)
        for x, module in enumerate(row)
        if module
    }
    assert dark(drawing) == expected
    assert f'viewBox="0 0 {size + 8} {size + 8}"' in drawing
    assert f'fill="#fff" d="M0 0h{size + 8}v{size + 8}h-{size + 8}z"' in drawing
    assert QUIET_MODULES >= 4


def test_another_address_is_another_code() -> None:
    assert dark(drawing_of(ADDRESS)) != dark(drawing_of(ADDRESS.replace("leyton", "hackney")))


def test_the_code_is_a_full_one_that_bears_some_damage() -> None:
    code = code_of(ADDRESS)
    assert not code.is_micro
    assert code.error in ("M", "Q", "H")


def test_the_drawing_has_no_style_of_its_own_and_loads_nothing() -> None:
    drawing = drawing_of(ADDRESS)
    assert not re.search(r"style|script|href|xlink|url\(|<\?xml", drawing)
    assert drawing.startswith("<svg ")
    assert drawing.endswith("</svg>")
