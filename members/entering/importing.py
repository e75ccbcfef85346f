"""Importing: a file of people is read whole, then loaded by one transaction, or not at all.

Reading asks nothing of the database, so that nobody waits for it. What was sound is laid by in a
file of its own meanwhile, which has no name, and is gone with the process.
"""

import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, BinaryIO, Self

from members.entering.cells import Fault, Reading
from members.entering.fields import BadEntrant, read
from members.entering.loading import Numbered
from members.entering.sheets import BadSheet, Line, Row, Sheet

_BATCH = 1_000


@dataclass(slots=True)
class Sound:
    """Those who could be read, laid by in batches, and every fault of the others.

    `broken` says that from a line on the file could not be read at all.
    """

    faults: list[Line] = field(default_factory=list)
    people: int = 0
    broken: bool = False
    _laid_by: IO[bytes] | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Open the file that people are laid by in."""
        self._laid_by = self._stack.enter_context(tempfile.TemporaryFile())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let it go."""
        self._stack.close()

    def read(self, file: BinaryIO, by: Reading, told: Callable[[int], object]) -> None:
        """Read a file of people; `told` hears after each batch how many bytes were read so far."""
        batch: list[Numbered] = []
        try:
            sheet = Sheet(file)
            for row in sheet.rows():
                self._take(row, sheet.columns, by, batch)
                if len(batch) == _BATCH:
                    self._lay_by(batch)
                    told(sheet.read())
        except BadSheet as bad:
            self.broken = True
            self.faults.extend(bad.faults)
        self._lay_by(batch)
        if not self.people and not self.faults:
            self.faults.append(Line(1, Fault("", "nobody")))

    def batches(self) -> Iterator[list[Numbered]]:
        """Give those who could be read, in the order of their lines."""
        if self._laid_by is None:
            raise ValueError("nothing was laid by")
        self._laid_by.seek(0)
        for _batch in range(-(-self.people // _BATCH)):
            yield pickle.load(self._laid_by)  # noqa: S301 -- our own file, which nobody else can name

    def _take(self, row: Row, columns: tuple[str, ...], by: Reading, batch: list[Numbered]) -> None:
        if not row.whole:
            self.faults.append(Line(row.line, Fault("", "cells")))
            return
        try:
            entrant = read(dict(zip(columns, row.cells, strict=True)), by)
        except BadEntrant as bad:
            self.faults.extend(Line(row.line, fault) for fault in bad.faults)
        else:
            batch.append(Numbered(row.line, entrant))

    def _lay_by(self, batch: list[Numbered]) -> None:
        if batch and self._laid_by is not None:
            pickle.dump(batch, self._laid_by, protocol=pickle.HIGHEST_PROTOCOL)
            self.people += len(batch)
            batch.clear()
