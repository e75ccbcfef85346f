"""Whatever happens to money, for minutes: our books are Stripe's, and no page said otherwise.

    python -m benchmarks.machine [examples [minutes [seed]]]

The machine of `tests/payments/machine`, by turns on SQLite and on PostgreSQL, until so many
examples (2,000) were played or so many minutes (5) are over. The seed is printed: the same one
plays the same examples again. Ends with the steps that led to it when something is not so.
"""

import logging
import random
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from config import ROOT
from core.database import Database
from core.schema import upgrade
from tests import postgres
from tests.payments.machine import running
from tests.payments.machine.stage import Stage, emptied_by_copy, emptied_by_deleting

EXAMPLES, MINUTES, STEPS, AT_ONCE = 2_000, 5.0, 50, 20
INDEX = ROOT / "instance" / "postcodes.idx"
TROUBLE = ("lost", "repeated", "altered", "calls that fail", "kills")
BACK = ("refunds", "refunds asked", "disputes", "warnings", "payouts", "stops")


def main(examples: int, minutes: float, seed: int) -> None:
    """Play, and print what happened."""
    logging.disable(logging.CRITICAL)  # much is said of what is meant to go wrong
    _say(f"machine: seed {seed}")
    with ExitStack() as stack:
        stages = _stages(stack)
        began = perf_counter()
        number = 0
        while _played(stages) < examples and perf_counter() - began < minutes * 60:
            stage = stages[number % len(stages)]
            running.run(stage, examples=AT_ONCE, steps=STEPS, drawn_by=seed + number)
            number += 1
        _tell(stages, perf_counter() - began)


def _stages(stack: ExitStack) -> list[Stage]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="groundswell-")))
    template = folder / "template.db"
    places = (
        (f"sqlite:///{folder / 'groundswell.db'}", emptied_by_copy(template)),
        (stack.enter_context(postgres.server()), emptied_by_deleting),
    )
    found = []
    for (url, empty), migrated in zip(places, (f"sqlite:///{template}", places[1][0]), strict=True):
        database = Database(migrated)
        upgrade(database.engine)
        database.engine.dispose()
        room = folder / database.engine.dialect.name
        room.mkdir()
        on = running.stage(url, empty, folder=room, index=INDEX, templates=room)
        found.append(stack.enter_context(on))
    return found


def _played(stages: list[Stage]) -> int:
    return sum(stage.tally["examples"] for stage in stages)


def _tell(stages: list[Stage], seconds: float) -> None:
    tally: Counter[str] = sum((stage.tally for stage in stages), Counter())
    _say(
        f"machine: {tally['examples']:,} examples of {tally['steps']:,} steps in {seconds:.0f} s, "
        f"{tally['notices']:,} notices, {tally['payments']:,} payments, {tally['pages']:,} pages"
    )
    _say(f"machine: {_listed(tally, TROUBLE)}")
    _say(f"machine: {_listed(tally, BACK)}")
    _say("machine: 0 lost, 0 doubled, 0 pages said what was not so")


def _listed(tally: Counter[str], names: tuple[str, ...]) -> str:
    return ", ".join(f"{tally[name]:,} {name}" for name in names)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else EXAMPLES,
        float(given[1]) if given[1:] else MINUTES,
        int(given[2]) if given[2:] else random.randrange(10**6),  # noqa: S311 -- no secret
    )
