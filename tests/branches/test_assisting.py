import csv
import io
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from branches.assigning import ADDED, BadTable, Batch, answering, assign
from branches.assisting import SecondProcess, assisted
from branches.index_file import IndexFile
from branches.locating import Locating
from branches.locator import Locator
from branches.postcodes import PostcodeIndex
from branches.postcodes.packing import Points, pack
from core.database import Database
from tests.branches.factories import ROOT, ROWS, TODAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RUBBISH = (
    *(
        "",
        " ",
        "x",
        "nowhere",
        "ZZ",
        "ZZ1",
        "ZZ1 1",
        "zz1",
        "ZZ9 9ZZ",
        "QQ1 1AA",
        "1",
        "é",
        "\u200b",
    ),
    *(
        '"',
        "zz1-1aa",
        "ZZI lAA",
        "XYI OAA",
        "xy1\u00a00aa",
        "\uff3a\uff3a1 1AA",
        "BFPO 57",
        "GIR 0AA",
    ),
    *("BT1 1AA", "JE2 3AB", "=1+1", "ZZ1 1AA\nZZ4 1AA", "ZZ11AA!", "z" * 64, "z" * 65, " " * 65),
    *("ZZ1 1AA" + " " * 57, "ZZ1 1AA" + " " * 58, "z" * 100_000),
)


@pytest.fixture
def locating(database: Database, small_directory: None, locator: Locator) -> Locating:
    with database.reading() as session:
        return locator.locating(locator.directory(session, today=TODAY))


@pytest.fixture
def second(locating: Locating, made_up_file: Path) -> Iterator[SecondProcess]:
    with closing(started(locating, made_up_file)) as process:
        yield process


def started(locating: Locating, path: Path, *, patience: float = 30) -> SecondProcess:
    """Start a process, and wait until it is ready."""
    with PostcodeIndex.open(path) as index:
        process = SecondProcess(locating, path, index.info, patience_seconds=patience)
    assert process._pipe.poll(60)
    process.hand_back()
    return process


def table(rows: int = 12_000) -> tuple[str, list[str]]:
    """Make a table with every kind of cell over and over, and give what stands in its column."""
    known = [row[0] for row in ROWS]
    spelled = [*known, *map(str.lower, known), *(each.replace(" ", "") for each in known), *RUBBISH]
    # Those that are very long are there once: most of a list is not like that.
    texts = [spelled[at % len(spelled)] for at in range(rows)]
    texts = [
        text if len(text) < 1000 or at < len(spelled) else "ZZ1 1AB"
        for at, text in enumerate(texts)
    ]
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([("id", "Post Code"), *enumerate(texts)])
    return written.getvalue(), texts


class Counting:
    """An assistant that notes how much another takes on."""

    def __init__(self, real: SecondProcess) -> None:
        self.real, self.taken = real, 0

    def takes(self, batch: Batch) -> bool:
        taken = self.real.takes(batch)
        self.taken += taken
        return taken

    def hand_back(self) -> None:
        self.real.hand_back()

    def wait(self) -> bool:
        return self.real.wait()


def assigned(
    source: str,
    locating: Locating,
    assistant: SecondProcess | Counting | None = None,
    tell: Callable[[], None] | None = None,
) -> str:
    target = io.StringIO(newline="")
    assign(
        io.StringIO(source, newline=""),
        target,
        column="post code",
        locating=locating,
        tell=tell,
        assistant=assistant,
    )
    return target.getvalue()


def test_every_row_is_answered_as_if_it_stood_alone(
    locating: Locating, second: SecondProcess
) -> None:
    source, texts = table()
    counting = Counting(second)

    found = assigned(source, locating, counting)

    assert counting.taken > 1
    assert found == assigned(source, locating)
    header, *rows = csv.reader(io.StringIO(found, newline=""))
    assert header == ["id", "Post Code", *ADDED]
    assert [int(row[0]) for row in rows] == list(range(len(texts)))
    alone = [answering(locating)(text) for text in texts]
    assert [tuple(row[2:]) for row in rows] == alone
    assert {row[2] for row in alone} == {
        *("nearest", "catchment", "national", "region"),
        *("unknown_postcode", "not_a_postcode", "missing_postcode"),
    }


@pytest.mark.parametrize("at", [0, 1])
def test_a_process_that_dies_leaves_no_gap(
    locating: Locating, second: SecondProcess, at: int
) -> None:
    source, _ = table()
    told: list[None] = []

    def tell() -> None:
        told.append(None)
        if len(told) == at:
            second.process.kill()

    if not at:
        second.process.kill()
        second.process.wait()
    assert assigned(source, locating, second, tell) == assigned(source, locating)
    assert not second.takes(Batch())


def test_a_process_that_hangs_is_not_waited_for(locating: Locating, made_up_file: Path) -> None:
    source, _ = table()
    with closing(started(locating, made_up_file, patience=0.05)) as second:
        second.process.send_signal(signal.SIGSTOP)
        assert assigned(source, locating, second) == assigned(source, locating)
        assert not second.wait()


def test_a_process_that_finds_another_index_is_not_asked(
    locating: Locating, made_up: PostcodeIndex, tmp_path: Path
) -> None:
    pack(Points.of(ROWS[:3]), tmp_path / "other.idx", source="another", release="2001-03")
    with closing(SecondProcess(locating, tmp_path / "other.idx", made_up.info)) as second:
        assert second._pipe.poll(60)
        second.hand_back()
        assert not second.takes(Batch())


def test_a_process_that_finds_no_index_ends_and_is_not_asked(
    locating: Locating, made_up: PostcodeIndex, tmp_path: Path
) -> None:
    with closing(SecondProcess(locating, tmp_path / "none.idx", made_up.info)) as second:
        assert second.process.wait(60) == 1
        second.hand_back()
        assert not second.takes(Batch())


def test_a_small_table_needs_no_second_process(locating: Locating, made_up_file: Path) -> None:
    with assisted(locating, IndexFile(made_up_file), 1000) as nobody:
        assert nobody is None


@pytest.mark.parametrize("between", ["", "\n"])
def test_a_cell_of_ten_megabytes_is_refused(
    locating: Locating, second: SecondProcess, between: str
) -> None:
    cell = ("x" * 999 + between) * 10_000
    with pytest.raises(BadTable, match=r"longer than any table's|field larger than field limit"):
        assigned(f'Post Code\nZZ1 1AA\n"{cell}"\n', locating, second)


def _heed_interrupts() -> None:
    """Undo what a shell does to its jobs in the background, which ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.index
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_command_that_is_ended(
    database_url: str,
    shipped_directory: None,
    index_file: Path,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    source = tmp_path / "members.csv"
    source.write_text("postcode\n" + "E11 1AA\nnowhere\n" * 150_000)
    settings = {"DATABASE_URL": database_url, "POSTCODE_INDEX": str(index_file)}
    words = ["-m", "flask", "--app", "wsgi", "branches", "assign", str(source)]
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 -- nothing of ours runs between the two
    ) as command:
        assert command.stdout is not None
        command.stdout.readline()
        others = Path(f"/proc/{command.pid}/task/{command.pid}/children").read_text().split()
        waiting = [os.pidfd_open(int(other)) for other in others]
        os.killpg(command.pid, how)
        command.stdout.read()
        assert command.wait(60) != 0
    for other in waiting:
        assert select.select([other], [], [], 60)[0], "it still runs"
        os.close(other)
