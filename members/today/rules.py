"""What is due when, for whom somebody at the desk follows up: rules as data, and nothing else.

A *reason* is why a card stands on the desk, a *step* what came of it. A *shelf* is where a card is
shown: under its reason, or among those gone quiet.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import LONDON, day_in_london

REASONS = ("texted", "applied", "joined", "arrears", "moved")
"""Why somebody should hear from us, the most urgent first."""
QUIET = "quiet"
SHELVES = (*REASONS, QUIET)
STEPS = ("called", "left-word", "will-come", "not-now", "wrong-number", "wrote")
UNDO = "undo"
GOES_QUIET = ("left-word", "will-come")
"""The steps after which silence means that somebody is slipping away."""
REACHES = ("called", "will-come", "not-now")
"""The steps that somebody takes who has spoken with them."""

FRESH = dt.timedelta(days=30)
"""For how long who joined or moved in stands among the new; then, never reached, with the quiet."""
LOST = dt.timedelta(days=120)
"""For how long who was never reached is shown at all."""
PAYS = dt.timedelta(hours=6)
"""How long after the form somebody is left alone whose first due has not come: they may yet pay."""
GIVES_UP = dt.timedelta(days=14)
"""After how long whoever has not paid is not asked any more."""
RESTS = dt.timedelta(days=60)
"""How long after a step about arrears nobody is asked about the same arrears anew."""
CLAIM = dt.timedelta(minutes=30)
"""How long somebody who said that they are on it is taken to be, unless they say otherwise."""
FURTHEST = dt.timedelta(days=366)
"""How far ahead somebody can promise to come."""


@dataclass(frozen=True, slots=True)
class Next:
    """When a card comes back after a step: so many days later, or never where there are none.

    `of_their_day` counts from the day on which they said they would come, `without_day` from today
    where they named none. `stops_calls` says that the number is not theirs.
    """

    days: int | None
    of_their_day: bool = False
    without_day: int | None = None
    stops_calls: bool = False


NEXT = {
    "called": Next(None),
    "wrote": Next(None),
    "left-word": Next(2),
    "not-now": Next(30),
    "will-come": Next(1, of_their_day=True, without_day=7),
    "wrong-number": Next(0, stops_calls=True),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, as far as the rules ask. `undoes` is the id of one taken back."""

    id: int
    step: str
    at: dt.datetime
    day: dt.date | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a card stands: the last step that holds, and when it is due again."""

    last: Taken | None = None
    due_at: dt.datetime | None = None
    stops_calls: bool = False


def holding(taken: Sequence[Taken]) -> list[Taken]:
    """Return the steps that hold, in their order: those that nobody took back."""
    gone = {each.undoes for each in taken if each.undoes is not None}
    return [each for each in taken if each.step != UNDO and each.id not in gone]


def stand(taken: Sequence[Taken], *, other_way: bool) -> Standing:
    """Return how a card stands after these steps.

    `other_way` says whether there is any way to reach them but the telephone: who has none, and
    whose number is wrong, cannot be asked for anything more.
    """
    steps = holding(taken)
    if not steps:
        return Standing()
    wrong = any(NEXT[each.step].stops_calls for each in steps)
    return Standing(steps[-1], due_at(steps[-1], other_way=other_way), stops_calls=wrong)


def due_at(taken: Taken, *, other_way: bool) -> dt.datetime | None:
    """Return from when on a card is due again after a step; None where it is done.

    Days begin at midnight in London, so that a card is there in the morning.
    """
    rule = NEXT[taken.step]
    if rule.days is None or (rule.stops_calls and not other_way):
        return None
    if not rule.days:
        return taken.at
    day, days = day_in_london(taken.at), rule.days
    if rule.of_their_day and taken.day is not None:
        day = taken.day
    elif rule.without_day is not None:
        days = rule.without_day
    due = day + dt.timedelta(days)
    return dt.datetime.combine(due, dt.time(), LONDON).astimezone(dt.UTC)
