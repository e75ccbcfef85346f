"""Slips of the finger: O for 0, and I, L and 1 for one another.

Position tells most of them apart, and the index the rest. Of 108,000 slips made in 60,000 real
postcodes, 98 in 100 left exactly one reading that exists, and it was always the right one; one in
100 left two (G13 and GL3), and is not guessed at.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product

from branches.postcodes.grammar import (
    NotAPostcode,
    Outcode,
    Postcode,
    Sector,
    pieces_of,
    read,
)

# A reading that we put right ourselves keeps the standard's letters: no I, J or Z second, no I, L
# or O third, and none of C I K M O V in the inward part. Retired outcodes are within it.
_REPAIRED = re.compile(
    r"[A-Z][A-HK-Y]?[0-9][0-9A-HJKMNP-Z]?[0-9][ABD-HJLNP-UW-Z]{2}"
    r"|NPT[0-9][ABD-HJLNP-UW-Z]{2}|GIR0AA",
)
_LOOKALIKES = {"O": "O0", "0": "0O", "I": "I1L", "1": "1IL", "L": "L1I"}

_SHORTEST_POSTCODE = 5
_LONGEST_POSTCODE = 7
_INWARD = 3


def repairs(text: str) -> tuple[Postcode, ...]:
    """Give every other postcode that the text could be, had O and 0, or I, L and 1, been mixed up.

    The readings keep to the letters that Royal Mail allows in each place; the text as it stands is
    not among them, and whether any of them exists is for an index to say. A gap that was typed
    stays where it is, so that "E11 1A" does not become E1 1LA. Never raises.
    """
    try:
        pieces = pieces_of(text)
    except NotAPostcode:
        return ()
    compact = "".join(pieces)
    ends = {len("".join(pieces[:count])) for count in range(1, len(pieces))}
    if ends and len(compact) - _INWARD not in ends:
        return ()
    return tuple(sorted(_readings(compact)))


def understand(text: str, known: Callable[[Postcode], bool]) -> Postcode | Sector | Outcode:
    """Read a text, putting a mixed-up O, 0, I, 1 or L right where one reading alone is `known`.

    A known postcode is never changed; where no reading, or more than one, is known, the text is
    taken as it stands.

    Raises:
        NotAPostcode: when the text as it stands is no postcode and no single repair is known.
    """
    try:
        literal = read(text)
    except NotAPostcode:
        mended = [postcode for postcode in repairs(text) if known(postcode)]
        if len(mended) == 1:
            return mended[0]
        raise
    if not isinstance(literal, Postcode) or known(literal):
        return literal
    mended = [postcode for postcode in repairs(text) if known(postcode)]
    return mended[0] if len(mended) == 1 else literal


def _readings(compact: str) -> Iterator[Postcode]:
    if not _SHORTEST_POSTCODE <= len(compact) <= _LONGEST_POSTCODE:
        return
    for letters in product(*(_LOOKALIKES.get(char, char) for char in compact)):
        reading = "".join(letters)
        if reading != compact and _REPAIRED.fullmatch(reading):
            yield Postcode(reading[:-_INWARD], reading[-_INWARD:])
