"""The register of processing (UK GDPR, article 30), made of the tables of purposes."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from core.protection import Purpose
from core.spreadsheets import harmless

COLUMNS = (
    *("purpose", "what", "why", "lawful_basis", "special_category", "source", "seen_by", "kept"),
    "tables",
)


def rows(purposes: Sequence[Purpose], periods: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    """Give each purpose as a row of the register, with the periods as they are set."""
    for each in purposes:
        kept = each.kept.format_map(periods)
        told = (each.name, each.what, each.why, each.basis, each.special, each.source, each.seen_by)
        yield (*told, kept, " ".join(each.tables))


def as_csv(file: TextIO, purposes: Sequence[Purpose], periods: Mapping[str, object]) -> None:
    """Write the register as CSV."""
    written = csv.writer(file, lineterminator="\n")
    written.writerow(COLUMNS)
    written.writerows(map(harmless, row) for row in rows(purposes, periods))


def as_markdown(
    file: TextIO, purposes: Sequence[Purpose], periods: Mapping[str, object], *, whose: str
) -> None:
    """Write the register to be read: a heading for each purpose, and its answers under it."""
    file.write(f"# Register of processing: {whose}\n")
    for row in rows(purposes, periods):
        file.write(f"\n## {row[0][:1].upper()}{row[0][1:]}\n\n")
        told = list(zip(COLUMNS, row, strict=True))[1:]
        file.writelines(f"- **{column.replace('_', ' ')}**: {cell}\n" for column, cell in told)
