"""Where the made-up people live: real postcodes around the branches of the directory."""

import datetime as dt
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.locator import Locator, Placed
from branches.models import Branch
from branches.postcodes import Postcode

_OF_EACH, _TRIES = 25, 4000
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


class NoDirectory(Exception):
    """There is no branch near which anybody could live."""


def places(session: Session, locator: Locator, rng: Random, today: dt.date) -> list[Placed]:
    """Return postcodes of the areas in which branches are, placed as those of anybody.

    Raises:
        NoDirectory: no directory is loaded.
        IndexMissing: no index is built.
    """
    found: list[Placed] = []
    index = locator.file.index()
    for branch in session.scalars(select(Branch).order_by(Branch.slug)):
        if not branch.is_open(today):
            continue
        home = Postcode.parse(branch.postcode)
        near = 0
        for _try in range(_TRIES):
            if near == _OF_EACH:
                break
            drawn = _drawn(rng, home)
            if index.knows(drawn):
                near += 1
                found.append(locator.place(session, str(drawn), today=today))
    if not found:
        raise NoDirectory
    return found


def _drawn(rng: Random, home: Postcode) -> Postcode:
    """Draw what may be a postcode of the same area, and mostly of a district near by."""
    digits = home.outward.removeprefix(home.area).rstrip("ABCDEFGHJKLMNPQRSTUVWXYZ")
    outward = f"{home.area}{max(1, int(digits or 1) + rng.randint(-2, 3))}"
    unit = "".join(rng.choice(_LETTERS) for _letter in range(2))
    return Postcode.parse(f"{outward} {rng.randrange(1, 10)}{unit}")
