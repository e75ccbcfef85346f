"""Gathering: kept together, and nobody suffers for another's thing."""

import threading
import time
from collections.abc import Sequence

import pytest

from core.gathering import Gathering
from tests.core.together import together

_SECONDS = 30


class Shelf:
    """Keeps things when it is let; remembers each time what it was given."""

    def __init__(self) -> None:
        self.given: list[list[str]] = []
        self.kept: list[str] = []
        self.begun, self.open = threading.Event(), threading.Event()

    def keep(self, things: Sequence[str]) -> None:
        self.given.append(list(things))
        self.begun.set()
        assert self.open.wait(_SECONDS)
        if "rotten" in things:
            raise ValueError("rotten")
        self.kept += things


def begun(gathering: Gathering[str], shelf: Shelf, *things: str) -> list[threading.Thread]:
    """Let one thread begin to keep `first`, and others come with these meanwhile."""
    threads = [threading.Thread(target=gathering.add, args=("first",))]
    threads[0].start()
    assert shelf.begun.wait(_SECONDS)
    for number, thing in enumerate(things, start=1):
        threads.append(threading.Thread(target=gathering.add, args=(thing,)))
        threads[-1].start()
        wait_for(gathering, number)
    return threads


def wait_for(gathering: Gathering[str], many: int) -> None:
    until = time.monotonic() + _SECONDS
    while len(gathering._waiting) < many:
        assert time.monotonic() < until
        threading.Event().wait(0.001)


def ended(threads: list[threading.Thread]) -> bool:
    for thread in threads:
        thread.join(_SECONDS)
    return not any(thread.is_alive() for thread in threads)


def test_who_comes_meanwhile_is_kept_together_and_nobody_returns_before_that() -> None:
    shelf = Shelf()
    threads = begun(Gathering(shelf.keep), shelf, "second", "third", "fourth")
    assert all(thread.is_alive() for thread in threads)
    shelf.open.set()
    assert ended(threads)
    assert shelf.given == [["first"], ["second", "third", "fourth"]]


def test_who_comes_alone_waits_for_nobody() -> None:
    shelf = Shelf()
    shelf.open.set()
    gathering = Gathering(shelf.keep)
    for thing in ("first", "second"):
        gathering.add(thing)
    assert shelf.given == [["first"], ["second"]]


def test_what_cannot_be_kept_raises_for_who_brought_it_and_not_for_the_others() -> None:
    shelf = Shelf()
    gathering = Gathering(shelf.keep)
    raised: list[str] = []

    def bring_rotten() -> None:
        with pytest.raises(ValueError, match="rotten"):
            gathering.add("rotten")
        raised.append("rotten")

    threads = begun(gathering, shelf, "second")
    threads.append(threading.Thread(target=bring_rotten))
    threads[-1].start()
    wait_for(gathering, 2)
    shelf.open.set()
    assert ended(threads)
    assert raised == ["rotten"]
    assert sorted(shelf.kept) == ["first", "second"]


def test_it_goes_on_after_a_fault() -> None:
    shelf = Shelf()
    shelf.open.set()
    gathering = Gathering(shelf.keep)
    with pytest.raises(ValueError, match="rotten"):
        gathering.add("rotten")
    gathering.add("second")
    assert shelf.kept == ["second"]


def test_of_many_threads_everything_is_kept_once() -> None:
    shelf = Shelf()
    shelf.open.set()
    gathering = Gathering(shelf.keep)
    things = [[f"{thread}-{number}" for number in range(50)] for thread in range(8)]

    def bring(mine: list[str]) -> None:
        for thing in mine:
            gathering.add(thing)

    together(*(lambda mine=mine: bring(mine) for mine in things))
    assert sorted(shelf.kept) == sorted(thing for mine in things for thing in mine)
