"""Whatever happens to money, in whatever order: our books are Stripe's, and no page said otherwise.

The long form is `python -m benchmarks.machine`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import Database
from tests.payments.machine import running
from tests.payments.machine.stage import Stage, emptied_by_copy, emptied_by_deleting

EXAMPLES, STEPS = 4, 30


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    database_url: str,
    database: Database,
    tmp_path: Path,
    index_file: Path,
    compiled_templates: Path,
) -> Iterator[Stage]:
    if database_url.startswith("sqlite"):
        empty = emptied_by_copy(request.getfixturevalue("sqlite_template"))
    else:
        empty = emptied_by_deleting
    with running.stage(
        database_url, empty, folder=tmp_path, index=index_file, templates=compiled_templates
    ) as made:
        yield made


def test_whatever_happens_every_penny_is_accounted_for(stage: Stage) -> None:
    running.run(stage, examples=EXAMPLES, steps=STEPS)
    tally = stage.tally
    assert tally["examples"] >= EXAMPLES
    assert min(tally[each] for each in ("payments", "pages", "notices", "kills", "lost")) > 0, tally
