"""Counting in one process: exact windows, in a memory that has an end."""

import threading
from dataclasses import dataclass

import pytest
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond

from core.counting import MOST_KEYS, Memory

TEN = RateLimitItemPerMinute(10, 10)


@dataclass
class Hand:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_window_moves() -> None:
    hand = Hand()
    memory = Memory(hand)
    item = RateLimitItemPerSecond(2)
    found = []
    for moment in (0.0, 0.4, 0.9, 1.0, 1.3, 1.4):
        hand.seconds = 1000.0 + moment
        found.append(memory.hit(item, "a"))

    assert found == [True, True, False, True, False, True]


def test_what_is_left_is_told_and_not_counted() -> None:
    memory = Memory(Hand())
    before = memory.get_window_stats(TEN, "a")
    for _time in range(3):
        memory.hit(TEN, "a")

    assert before == (1600.0, 10)
    assert memory.get_window_stats(TEN, "a") == (1600.0, 7)
    assert len(memory) == 1


def test_a_hundred_thousand_callers_do_not_fill_the_memory() -> None:
    hand = Hand()
    memory = Memory(hand)
    for number in range(100_000):
        memory.hit(TEN, f"for/{number}")
        memory.hit(TEN, "in all")

    assert len(memory) == MOST_KEYS
    assert memory.get_window_stats(TEN, "in all")[1] == 0
    assert memory.get_window_stats(TEN, "for/99999")[1] == 9
    hand.seconds += 600
    for number in range(MOST_KEYS):
        memory.hit(TEN, f"again/{number % 3}")
    assert len(memory) == 3


@pytest.mark.parametrize("back", [-3600.0, -1.0])
def test_a_clock_put_back_opens_nothing(back: float) -> None:
    hand = Hand()
    memory = Memory(hand)
    for _time in range(10):
        memory.hit(TEN, "a")
    hand.seconds += back

    assert not memory.hit(TEN, "a")


def test_many_at_once_are_counted_each() -> None:
    memory = Memory(Hand())
    allowed: list[bool] = []

    def hit() -> None:
        allowed.extend(memory.hit(TEN, "a") for _time in range(50))

    threads = [threading.Thread(target=hit) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert allowed.count(True) == 10
