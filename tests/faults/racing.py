"""Several at one moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

SECONDS = 20


def at_once(number: int, do: Callable[[], object]) -> None:
    """Do it in so many threads that begin together; a fault, or False, in one is a fault."""
    ready = threading.Barrier(number)

    def one() -> None:
        ready.wait(SECONDS)
        assert do() is not False

    with ThreadPoolExecutor(number) as pool:
        for each in [pool.submit(one) for _ in range(number)]:
            each.result(SECONDS)
