"""Running the machine: so many examples of so many steps, on one stage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.payments.machine.blade import MortalDatabase
from tests.payments.machine.luck import Machine
from tests.payments.machine.stage import Stage, still_sandbox

Empty = Callable[[MortalDatabase], None]


@contextmanager
def stage(
    database_url: str, empty: Empty, *, folder: Path, index: Path, templates: Path
) -> Iterator[Stage]:
    """Give a stage on a migrated database, which `empty` empties."""
    with still_sandbox(folder) as sandbox:
        made = Stage(sandbox, database_url, empty, index, templates)
        try:
            yield made
        finally:
            made.close()


def run(on: Stage, *, examples: int, steps: int, drawn_by: int | None = None) -> None:
    """Let so many examples of so many steps happen; without `drawn_by` always the same.

    Raises:
        AssertionError: something was not so; the words list the steps that led to it.
    """
    wishes = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=drawn_by is None,
        database=None,
        phases=(Phase.generate,),  # to make a failing example smaller takes many minutes
        suppress_health_check=list(HealthCheck),
    )

    def begun() -> Machine:
        return Machine(on)

    drawn = begun if drawn_by is None else seed(drawn_by)(begun)
    run_state_machine_as_test(cast("Any", drawn), settings=wishes)  # a function will do, it says
