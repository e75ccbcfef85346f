"""`python -m sample [--people N] [--seed N]`: add the sample to the database of the settings.

Exit 0 done or there already, 1 refused.
"""

import argparse
import os
import sys

from app import create_app
from branches.locator import IndexMissing
from config import BadSettings, Settings
from core.clock import SystemClock
from sample import making
from sample.making import DoesNotHold, OthersAreHere, Size
from sample.placing import NoDirectory

_REFUSALS = {
    OthersAreHere: "There are members already who are none of the sample's: nothing was added.",
    NoDirectory: "No directory is loaded: flask --app wsgi branches load directory",
    IndexMissing: "No postcode index is built: flask --app wsgi branches index build",
}


def main(arguments: list[str]) -> int:
    """Add it; return the exit code."""
    asked = argparse.ArgumentParser(prog="python -m sample", description=__doc__)
    asked.add_argument("--people", type=int, default=Size().people)
    asked.add_argument("--seed", type=int, default=1917)
    given = asked.parse_args(arguments)
    try:
        settings = Settings.read(os.environ)
    except BadSettings as error:
        return _refuse("\n".join(error.faults))
    whole, people = Size(), max(given.people, 1)
    rest = (many * people // whole.people for many in (whole.gifts, whole.texts))
    return add(settings, Size(people, *rest), seed=given.seed)


def add(settings: Settings, size: Size, *, seed: int) -> int:
    """Add so much of it to the database of these settings; return the exit code."""
    if settings.production:
        return _refuse("This is for development: production has members of its own.")
    try:
        new = making.make(create_app(settings), size, seed=seed, now=SystemClock().now())
    except tuple(_REFUSALS) as error:
        return _refuse(_REFUSALS[type(error)])
    except DoesNotHold as error:
        return _refuse(f"The sample was made, and is not as it should be: {error}.")
    added = f"{new:,} people who are nobody were added." if new else "They are there already."
    sys.stdout.write(f"{added}\n")
    return 0


def _refuse(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
