"""The directory as its three files, to be changed by a row and kept by the files' own loader.

Whatever changes the directory goes through `branches.directory.load`, which looks at all of it:
a form at the desk is a row of a file, and what is wrong with it is found, and said, alike.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sqlalchemy.orm import Session

from branches.directory import BRANCHES, CATCHMENTS, FILES, REGIONS, Fault, files_of
from branches.directory.checking import BRANCH_COLUMNS, CATCHMENT_COLUMNS, REGION_COLUMNS
from core.spreadsheets import as_meant, given_back

Row: TypeAlias = dict[str, str]
Faults: TypeAlias = Mapping[str, list[str]]

_COLUMNS = {REGIONS: REGION_COLUMNS, BRANCHES: BRANCH_COLUMNS, CATCHMENTS: CATCHMENT_COLUMNS}


class Difference(NamedTuple):
    """A cell that is not as it was: of which file, whose, which, and what it said and says.

    Without a column it is a whole row: one that is new has no `before`, one that goes no `after`.
    Of a catchment `name` is the area, and the cells are the branches that look after it.
    """

    file: str
    slug: str
    name: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of the three files, in their order."""

    rows: Mapping[str, list[Row]]

    @classmethod
    def read(cls, files: Mapping[str, bytes]) -> "Tables":
        """Read files that were found sound, or were written from the directory."""
        return cls({name: _rows(files[name]) for name in FILES})

    @classmethod
    def held(cls, session: Session) -> "Tables":
        """Read the directory as it stands."""
        return cls.read(files_of(session))

    def files(self) -> dict[str, bytes]:
        """Write the files."""
        return {name: _written(_COLUMNS[name], rows) for name, rows in self.rows.items()}

    def row(self, file: str, slug: str) -> Row | None:
        """Give the row of a region or branch; None where there is none."""
        return next((row for row in self.rows[file] if row["slug"] == slug), None)

    def catchments(self, slug: str) -> list[Row]:
        """Give the catchments of a branch."""
        return [row for row in self.rows[CATCHMENTS] if row["branch"] == slug]

    def look_after(self, slug: str, areas: list[tuple[str, str]]) -> None:
        """Let a branch have these catchments, each a kind and a code, in place of its own."""
        rows = self.rows[CATCHMENTS]
        kept = [row for row in rows if row["branch"] != slug]
        first = next((at for at, row in enumerate(rows) if row["branch"] == slug), len(kept))
        made = [{"branch": slug, "kind": kind, "code": code} for kind, code in areas]
        rows[:] = [*kept[:first], *made, *kept[first:]]

    def faults_of(
        self, faults: tuple[Fault, ...], file: str, slug: str
    ) -> tuple[Faults, list[str]]:
        """Sort faults into those of one row, by column, and the others, as the command says them.

        What is wrong with a branch's catchments stands under `catchments`.
        """
        own: dict[str, list[str]] = {}
        others = []
        lines = (
            self._lines(file, slug)
            if file == REGIONS
            else {
                **self._lines(BRANCHES, slug),
                **self._lines(CATCHMENTS, slug),
            }
        )
        for fault in faults:
            name = lines.get((fault.file, fault.line))
            if name is None:
                others.append(str(fault))
            elif fault.file == CATCHMENTS:
                own.setdefault("catchments", []).append(f"{name}: {fault.words}")
            else:
                own.setdefault(fault.column, []).append(fault.words)
        return own, others

    def _lines(self, file: str, slug: str) -> dict[tuple[str, int], str]:
        """Say on which lines of a file what is about a region or branch begins."""
        found, line = {}, 2
        for row in self.rows[file]:
            if row.get("slug", row.get("branch")) == slug:
                found[file, line] = " ".join(filter(None, (row.get("kind"), row.get("code"))))
            line += _written((), [row]).count(b"\n") - 1
        return found


def differences(before: Tables, after: Tables) -> Iterator[Difference]:
    """Say in what two directories differ, file by file, in the order of the newer one."""
    for file in (REGIONS, BRANCHES):
        old = {row["slug"]: row for row in before.rows[file]}
        for row in after.rows[file]:
            was = old.pop(row["slug"], None)
            if was is None:
                yield Difference(file, row["slug"], row["name"], "", "", row["slug"])
                continue
            for column, cell in row.items():
                if cell != was[column]:
                    yield Difference(file, row["slug"], row["name"], column, was[column], cell)
        for row in old.values():
            yield Difference(file, row["slug"], row["name"], "", row["slug"], "")
    yield from _other_areas(_areas(before), _areas(after))


def _other_areas(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for area in sorted({*old, *new}):
        if old.get(area) != new.get(area):
            before, after = old.get(area, ""), new.get(area, "")
            yield Difference(CATCHMENTS, after or before, area, "branch", before, after)


def _areas(tables: Tables) -> dict[str, str]:
    return {f"{row['kind']} {row['code']}": row["branch"] for row in tables.rows[CATCHMENTS]}


def _rows(content: bytes) -> list[Row]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return [
        {name.strip(): as_meant(cell.strip()) for name, cell in row.items()}
        for row in csv.DictReader(text)
        if any(cell.strip() for cell in row.values())
    ]


def _written(columns: tuple[str, ...], rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    names = columns or tuple(rows[0])
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(given_back(row[name] for name in names) for row in rows)
    return text.getvalue().encode()
