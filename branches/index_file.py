"""The index that a process has open: taken up anew when it was built anew, kept when that fails.

What is opened is a copy beside the file, named for what is in it, which all processes share. So
whatever becomes of the file, even if it is written over where it lies, nobody's open index changes
underneath them, and one that is broken or half written is refused without harm.
"""

import contextlib
import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TypeAlias

from branches.postcodes import NotAnIndex, PostcodeIndex
from branches.postcodes.layout import fingerprint

_log = logging.getLogger(__name__)
_Stamp: TypeAlias = tuple[int, int, int]
_TRIES = 3


class IndexMissing(Exception):
    """No postcode can be looked up until the index is built; the words say what is wrong."""


class IndexFile:
    """The index at a path, opened when it is first asked for and again when it was built anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._index: PostcodeIndex | None = None
        self._fault = ""

    def index(self) -> PostcodeIndex:
        """Give the index as it now stands in the file, or the last that was whole.

        Raises:
            IndexMissing: when there never was one that can be used.
        """
        stamp = self._look()
        if stamp is None or stamp != self._stamp:
            with self._lock:
                self._take_up(stamp)
        index = self._index
        if index is None:
            raise IndexMissing(self._fault)
        return index

    def _look(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _take_up(self, stamp: _Stamp | None) -> None:
        """Open the file; the index in use until now stays whole for whoever still looks into it."""
        if stamp is not None and stamp == self._stamp:
            return  # another thread was quicker
        try:
            self._index = _open_copy(self.path)
        except NotAnIndex as fault:
            if self._index is not None and not self._fault:
                _log.error("the postcode index is broken: the one before stays in use")
            self._fault = str(fault)
        else:
            if self._fault:
                _log.info("the postcode index is whole")
            self._fault = ""
        self._stamp = stamp  # last: who finds it so does not wait for the lock


def _open_copy(path: Path) -> PostcodeIndex:
    """Open the copy of an index that all processes share; the file itself where none can be kept.

    Raises:
        NotAnIndex: when the file is missing, or is not a whole index.
    """
    for _ in range(_TRIES):
        name = f".{path.name}.{fingerprint(path)}.open"
        copy = path.with_name(name)
        try:
            if not copy.exists():
                PostcodeIndex.open(path).close()
                _copy(path, copy)
            found = PostcodeIndex.open(copy)
        except OSError:  # nobody may write here, so neither may anybody write over it
            return PostcodeIndex.open(path)
        except NotAnIndex:
            # The file changed while it was copied, or another process has tidied up.
            with contextlib.suppress(OSError):
                copy.unlink()
            continue
        _tidy(path, but=name)
        return found
    return PostcodeIndex.open(path)


def _copy(path: Path, copy: Path) -> None:
    """Make the copy at one stroke, so that no process sees half of it."""
    beside, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    os.close(beside)
    try:
        shutil.copyfile(path, name)
        shutil.copystat(path, name)
        Path(name).replace(copy)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tidy(path: Path, *, but: str) -> None:
    """Remove the copies of indexes before this one; who has one open keeps it."""
    for old in path.parent.glob(f".{path.name}.*.open"):
        if old.name != but:
            with contextlib.suppress(OSError):
                old.unlink()
