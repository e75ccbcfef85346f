"""Lives: two years of somebody's membership, as the service's own rules would have told it."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from core.clock import day_in_london
from core.months import first_day, month_of, month_of_day
from members.standing import reminding
from members.standing.reminding import Reminder
from members.standing.rules import Facts, MonthRules, Standing, paid_up_to, standing
from payments.offline.booking import morning

YEARS = 2
_DAY = dt.timedelta(days=1)
_ROUND = dt.timedelta(hours=2)
"""When in a day the worker looks how everybody stands."""
_NOON = dt.timedelta(hours=12)
_LATELY = 60
_NEVER_PAID, _LEAVES, _FORGETFUL, _STOPS, _RETURNS = 0.02, 0.12, 0.15, 0.22, 0.3
_MISSES = 0.15
# How dues come, for how many months at once, and how many in a hundred pay so.
_WAYS = (("standing-order", 1, 68), ("bank", 3, 14), ("cheque", 12, 10), ("cash", 1, 8))


@dataclass(frozen=True, slots=True)
class Event:
    """A change of a membership, as `MembershipEvent` keeps it."""

    before: str | None
    after: str
    at: dt.datetime
    why: str
    who: str
    kind: str = "state"


@dataclass(slots=True)
class Life:
    """What became of somebody. `dues` are the days of payment and for how many months each is."""

    applied_at: dt.datetime
    method: str
    state: str = "applied"
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    dues: list[tuple[dt.date, int]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    letters: list[tuple[dt.datetime, Reminder]] = field(default_factory=list)

    def become(self, to: str, at: dt.datetime, why: str, who: str, kind: str = "state") -> None:
        """Change, with the event that says so."""
        self.events.append(Event(self.state, to, at, why, who, kind))
        self.state = to


def live(rng: Random, member_id: uuid.UUID, rules: MonthRules, *, now: dt.datetime) -> Life:
    """Make up a membership that began within the two years up to now."""
    today = day_in_london(now)
    pays = rng.random() >= _NEVER_PAID
    ago = rng.randint(4, 365 * YEARS) if pays else rng.randint(1, _LATELY)
    applied = now - dt.timedelta(days=ago, seconds=rng.randrange(40_000))
    method, months = rng.choices([way[:2] for way in _WAYS], [way[2] for way in _WAYS])[0]
    life = Life(applied, method)
    life.events.append(Event(None, "applied", applied, "sent the form", "applicant"))
    if not pays:
        return life
    first = day_in_london(applied) + _DAY
    leaves = first + rng.randint(20, 700) * _DAY if rng.random() < _LEAVES else today + _DAY
    until = min(leaves, today - _DAY)
    life.dues = [(day, months) for day in _days(rng, first, until, months)]
    for at, due in _moments(life.dues, leaves, now):
        if due is not None:
            _pay(life, rules, at, due)
        elif life.state not in ("applied", "left"):
            _look(life, member_id, rules, at)
    if leaves <= today and life.state not in ("applied", "left"):
        life.left_at = min(morning(leaves) + _NOON, now)
        life.become("left", life.left_at, "left on their own pages", "member")
    return life


def _days(rng: Random, first: dt.date, until: dt.date, months: int) -> Iterator[dt.date]:
    """Go through the days on which somebody pays: the first day, then every so many months.

    Some forget a month now and then; some stop, and some of these come back.
    """
    forgetful = rng.random() < _FORGETFUL
    stops = first + rng.randint(30, 700) * _DAY if rng.random() < _STOPS else None
    back = stops + rng.randint(60, 400) * _DAY if stops and rng.random() < _RETURNS else None
    yield first
    month, day_of_month = month_of_day(first) + months, min(first.day, 28)
    while (day := first_day(month).replace(day=day_of_month)) <= until:
        gone = stops is not None and day >= stops and (back is None or day < back)
        if not gone and not (forgetful and rng.random() < _MISSES):
            yield day
        month += months


def _moments(
    dues: list[tuple[dt.date, int]], leaves: dt.date, now: dt.datetime
) -> list[tuple[dt.datetime, int | None]]:
    """Return when dues come, by their place among them, and when the worker looks (None).

    It looks every day; only on the first of a month and after a due can it find anything new.
    """
    paid = [(morning(day).astimezone(dt.UTC), number) for number, (day, _months) in enumerate(dues)]
    looks = [morning(day + _DAY) + _ROUND for day, _months in dues]
    begin, end = month_of_day(dues[0][0]) + 1, month_of(now)
    looks += [morning(first_day(month)) + _ROUND for month in range(begin, end + 1)]
    last = min(now, morning(leaves))
    moments: list[tuple[dt.datetime, int | None]] = [*paid]
    moments += [(at.astimezone(dt.UTC), None) for at in looks if at <= last]
    return sorted(moments, key=lambda moment: moment[0])


def _pay(life: Life, rules: MonthRules, at: dt.datetime, number: int) -> None:
    if life.joined_at is None:
        life.joined_at = at
        life.become("active", at, "first due paid", "gateway")
        return
    found = _standing(life, rules, at, life.dues[: number + 1])
    if found.state == life.state:
        return
    rejoins = life.state == "lapsed" and found.state == "active"
    life.become(found.state, at, found.why, "gateway", "rejoined" if rejoins else "state")


def _look(life: Life, member_id: uuid.UUID, rules: MonthRules, at: dt.datetime) -> None:
    """Do what the worker does in its daily round."""
    before = [due for due in life.dues if morning(due[0]) <= at]
    found = _standing(life, rules, at, before)
    reached = paid_up_to((month_of_day(day), months) for day, months in before)
    letter = reminding.due(member_id, life.state, found, reached, rules)
    if letter is not None and letter not in (kept for _at, kept in life.letters):
        life.letters.append((at, letter))
    if found.state != life.state:
        life.become(found.state, at, found.why, "clock")


def _standing(
    life: Life, rules: MonthRules, at: dt.datetime, dues: list[tuple[dt.date, int]]
) -> Standing:
    reached = paid_up_to((month_of_day(day), months) for day, months in dues)
    return standing(Facts(life.state, reached, has_paid=True), rules, now=at)
