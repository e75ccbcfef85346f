"""How long `flask members import` takes for a file of 100,000 people, and how much memory.

    python -m benchmarks.member_import [people]

The command runs as it is shipped, from its start to its end, on a PostgreSQL of its own with 300
branches. Beside it, in the same run: PostgreSQL's own COPY of the same file into a bare table that
checks nothing, and a plain loop that adds people one by one, reckoned up from a smaller share.
"""

import csv
import dataclasses
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg

from benchmarks import _money, _rig, assigning
from branches.postcodes import PostcodeIndex
from core.database import Database, transaction
from members.entering import commands, loading
from members.entering.importing import Sound
from members.entering.loading import Numbered, Wanted
from members.room import room
from tests import postgres

PEOPLE, SHARE, BRANCHES = 100_000, 300, 300
LIMIT_SECONDS = 60
INDEX = Path("instance/postcodes.idx")
# Ofcom, "Telephone numbers for use in TV and radio drama programmes".
_EXCHANGES = (
    *("07700 900", "0113 4960", "0114 4960", "0116 4960", "0117 4960"),
    *("0118 4960", "0121 4960", "0131 4960", "0141 4960", "0151 4960", "0161 4960"),
    *("020 79460", "0191 4980", "029 20180"),
)
_COLUMNS = (
    *("number", "name", "email", "phone", "date_of_birth", "address1", "town", "postcode"),
    *("rate", "pays_by", "joined_on", "paid_until", "consent_email", "consent_on"),
    "consent_wording",
)


def write(path: Path, postcodes: list[str], many: int) -> None:
    """Write a file of people who cannot be, each with an address of their own.

    As many as there are numbers that Ofcom keeps for drama have a telephone.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_COLUMNS)
        for each in range(many):
            born = f"{1 + each % 28}/{1 + each % 12}/{1940 + each % 66}"
            rows.writerow(
                (
                    f"M-{each}",
                    f"Sam Number {each}",
                    f"sam{each}@example.org",
                    f"{_EXCHANGES[each // 1000]}{each % 1000:03}"
                    if each < 1000 * len(_EXCHANGES)
                    else "",
                    born,
                    f"{each} High Road",
                    "Anytown",
                    postcodes[each % len(postcodes)],
                    "standard",
                    "standing-order",
                    f"1/{1 + each % 12}/{2007 + each % 19}",
                    "2030-12-31",
                    "yes" if each % 3 else "no",
                    "1/6/2026",
                    "You may write to me by e-mail.",
                )
            )


def main(many: int) -> None:
    """Measure the command, then both baselines, and print them with their ratios."""
    with tempfile.TemporaryDirectory() as place, postgres.server(*_money.DURABLE) as url:
        folder = Path(place)
        postcodes = _rig.picked(INDEX, many)
        with PostcodeIndex.open(INDEX) as index:
            _rig.fill(url, index, postcodes, BRANCHES)
        path = folder / "people.csv"
        write(path, postcodes, many)
        words = ["members", "import", str(path)]
        took, most = assigning.command(words, url, INDEX)
        database = Database(url)
        with database.engine.connect() as connection:
            there = connection.exec_driver_sql("SELECT count(*) FROM member").scalar_one()
        if there != many:
            raise SystemExit(f"{there:,} of {many:,} were entered")
        copied = _copy(url, path)
        alone = _one_by_one(url, path) * many / SHARE
        database.engine.dispose()
    _say(f"import: {many:,} people in {took:.1f} s, {many / took:,.0f} rows/s, {most:,.0f} MB")
    _say(f"import: ratio {took / copied:.0f} times the bare COPY of the file ({copied:.2f} s)")
    _say(f"import: ratio {alone / took:.1f} times quicker than one by one (about {alone:.0f} s)")
    if many == PEOPLE and took > LIMIT_SECONDS:
        raise SystemExit(f"above {LIMIT_SECONDS} s")


def _copy(url: str, path: Path) -> float:
    """Seconds that PostgreSQL takes to copy the same file into a table of text."""
    columns = ", ".join(f"{name} text" for name in _COLUMNS)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({columns})".encode())
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(path.read_bytes())
        connection.commit()  # what is acknowledged is kept, as by the command
    return time.perf_counter() - began


def _one_by_one(url: str, path: Path) -> float:
    """Seconds that a share of them takes when each is entered in a transaction of its own."""
    app = _money.service(url)
    head = path.read_text(encoding="utf-8").splitlines()[: SHARE + 1]
    share = path.with_name("share.csv")
    others = (line.replace("M-", "N-").replace("@example", "@other.example") for line in head)
    share.write_text("\n".join(others), encoding="utf-8")
    with app.app_context(), Sound() as sound, share.open("rb") as file:
        began = time.perf_counter()
        how = commands.how_entered("file")
        sound.read(file, commands.by(how), lambda _read: None)
        for each in (one for batch in sound.batches() for one in batch):
            alone = dataclasses.replace(how, now=datetime.now(UTC))
            with transaction() as session:
                loading.load(
                    session,
                    partial(_alone, each),
                    alone,
                    Wanted(doubles=True),
                    places=room().places,
                )
        return time.perf_counter() - began


def _alone(person: Numbered) -> list[list[Numbered]]:
    return [[person]]


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
