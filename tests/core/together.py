"""Things that happen at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")
_SECONDS = 30


def together(*calls: Callable[[], _Result]) -> list[_Result]:
    """Make the calls at one moment, each in a thread of its own; return what each returned."""
    start = threading.Barrier(len(calls), timeout=_SECONDS)

    def make(call: Callable[[], _Result]) -> _Result:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result(_SECONDS) for each in [threads.submit(make, call) for call in calls]]
