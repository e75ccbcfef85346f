"""How long `flask branches assign` takes for a million rows, and how much memory.

    python -m benchmarks.assigning [instance/postcodes.idx]

The command runs as it is shipped, from its start to its end, on a database with 300 branches.
Beside it, in the same run and reckoned up from a smaller share: a loop that asks the locator row by
row.
"""

import csv
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import _rig
from branches.answers import UnknownPostcode
from branches.locating import parse
from branches.locator import Locator
from branches.postcodes import NotAnIndex, PostcodeIndex
from config import ROOT
from core.clock import day_in_london
from core.database import Database

ROWS, SHARE, BRANCHES = 1_000_000, 50_000, 300
CUT_OFF_KM = 60.0
EVERY_SECONDS = 0.5


def command(words: list[str], url: str, index: Path) -> tuple[float, float]:
    """Run a command; give seconds, and the most MB that its processes took together.

    What they share counts once. Linux tells it; elsewhere it is nought.
    """
    most, began = 0.0, time.perf_counter()
    with subprocess.Popen(  # noqa: S603 -- our own program, without a shell
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env={"DATABASE_URL": url, "POSTCODE_INDEX": str(index.resolve())},
    ) as process:
        while process.poll() is None:
            most = max(most, memory(process.pid))
            try:
                process.wait(EVERY_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    took = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(process.returncode)
    return took, most


def memory(pid: int) -> float:
    """MB in use by a process and those that it started, each page shared out among its users."""
    folder = Path("/proc") / str(pid)
    try:
        children = (folder / "task" / str(pid) / "children").read_text().split()
        rolled_up = (folder / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended, or the system has no such files
        return 0
    own = sum(int(line.split()[1]) for line in rolled_up if line.startswith("Pss:"))
    return own / 1024 + sum(memory(int(child)) for child in children)


def row_by_row(folder: Path, url: str, index: Path) -> float:
    """Seconds that a plain loop takes for a share of the rows."""
    locator, database = Locator(index, cut_off_km=CUT_OFF_KM), Database(url)
    with database.reading() as session:
        today = day_in_london(datetime.now(UTC))
        locating = locator.locating(locator.directory(session, today=today))
    database.engine.dispose()
    began = time.perf_counter()
    with (
        (folder / "share.csv").open(newline="", encoding="utf-8") as source,
        (folder / "plain.csv").open("w", newline="", encoding="utf-8") as target,
    ):
        writer = csv.writer(target)
        for row in csv.DictReader(source):
            try:
                answer = locating.locate(parse(row["postcode"], locating.postcodes))
                branch, rule = answer.branch.slug if answer.branch else "", answer.rule.value
            except UnknownPostcode:
                branch, rule = "", "unknown_postcode"
            writer.writerow([*row.values(), branch, rule])
    return time.perf_counter() - began


def main() -> int:
    """Measure and print; 1 when there is no index."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "instance/postcodes.idx")
    try:
        index = PostcodeIndex.open(path)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder, url = Path(name), f"sqlite:///{name}/directory.db"
        postcodes = _rig.picked(path, ROWS)
        _rig.fill(url, index, postcodes, BRANCHES)
        lines = [f"{number},Member,{postcode}\n" for number, postcode in enumerate(postcodes)]
        for file, rows in (("table.csv", lines), ("share.csv", lines[:SHARE])):
            (folder / file).write_text("id,name,postcode\n" + "".join(rows), encoding="utf-8")
        plain = row_by_row(folder, url, path) * len(postcodes) / SHARE
        files = [str(folder / "table.csv"), "--output", str(folder / "out.csv")]
        took, most = command(["branches", "assign", *files], url, path)
    sys.stdout.write(
        f"assign: {len(postcodes):,} rows in {took:.1f} s, {len(postcodes) / took:,.0f} rows/s,"
        f" at most {most:.0f} MB in all its processes\n"
        f"assign: row by row it would be {plain:.1f} s: {plain / took:.1f} times as long\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
