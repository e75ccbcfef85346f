"""Look-ups a second in the built postcode index, beside a dict of the same postcodes.

    python -m benchmarks.postcode_index [instance/postcodes.idx]

Both are timed in the same run, so that their ratio means the same on every machine.
"""

import random
import sys
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from time import perf_counter

from branches.postcodes import NotAnIndex, Place, Placeless, Postcode, PostcodeIndex

AREAS = ("E", "M", "CF", "EH", "TR")
ROUNDS = 5


def known_postcodes(index: PostcodeIndex, areas: Sequence[str] = AREAS) -> list[Postcode]:
    """Every postcode of the first outcodes of some areas, in random order."""
    sectors = [
        (f"{area}{number}", digit) for area in areas for number in range(1, 9) for digit in "12345"
    ]
    found = [
        postcode
        for (outward, digit), second, third in product(sectors, ascii_uppercase, ascii_uppercase)
        if index.knows(postcode := Postcode(outward, digit + second + third))
    ]
    random.Random(1).shuffle(found)  # noqa: S311 - an order, not a secret
    return found


def a_second(look_up: Callable[[Postcode], object], postcodes: list[Postcode]) -> float:
    """Look-ups a second, in the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = perf_counter()
        for postcode in postcodes:
            look_up(postcode)
        best = min(best, perf_counter() - began)
    return len(postcodes) / best


def main() -> int:
    """Measure and print; 1 when there is no index."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "instance/postcodes.idx")
    try:
        index = PostcodeIndex.open(path)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    with index:
        postcodes = known_postcodes(index)
        places: dict[str, Place | Placeless | None] = {
            postcode.compact: index.find(postcode) for postcode in postcodes
        }
        ours = a_second(index.find, postcodes)
        plain = a_second(lambda postcode: places.get(postcode.compact), postcodes)
    sys.stdout.write(
        f"{len(postcodes):,} postcodes: index {ours:,.0f} look-ups/s, dict {plain:,.0f}/s, "
        f"ratio {ours / plain:.2f}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
