"""The rule of standing: plain calendar months, and nothing else that is asked of anybody.

Dues of a month that were kept make somebody paid up to the end of it. A due that comes while its
month is paid already counts for the next one, and one past the gateway that is several months' dues
counts for as many. How far behind somebody is, is how many months have begun since.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from core.months import first_day, month_of
from payments.monthly import calendar

_WORSE = {"active": 0, "arrears": 1, "lapsed": 2}
# A Direct Debit that is tried again is answered within five working days, as is a first try; a
# weekend and a bank holiday may lie between (Bacs; Stripe's own answer takes a while more).
ANSWERED_WITHIN = dt.timedelta(days=10)
_ABOUT_THEN = dt.timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class MonthRules:
    """From how many months behind on, not counting the one it says, a member stands otherwise.

    With `arrears_after` of 1 and `lapse_after` of 3, who has paid for September is a member in
    October, in arrears in November and December, and lapses on 1 January.
    """

    arrears_after: int
    lapse_after: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rule goes by, of one member.

    `paid_up_to` is the last month that is paid for, None where no due was kept; `has_paid` whether
    any was ever taken. `ended` says that nothing more will be taken. `retry_at` is when the gateway
    tries a month again, `unpaid_at` when it last could not take one; `collects_at` is when it is
    known to take a month, from which the others follow. Until `spared_until` somebody who came from
    elsewhere falls no further; `silent` says that nobody asked us to write of what they brought.
    """

    state: str
    paid_up_to: int | None
    has_paid: bool
    ended: bool = False
    retry_at: dt.datetime | None = None
    unpaid_at: dt.datetime | None = None
    collects_at: dt.datetime | None = None
    spared_until: dt.datetime | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands, `why` in a word for organisers, and how many months behind.

    `held` says that money may be on its way, or that nobody asked for letters, so that nobody is
    written to now.
    """

    state: str
    why: str
    behind: int = 0
    held: bool = False


def paid_up_to(dues: Iterable[tuple[int, int]]) -> int | None:
    """Return the last month that is paid for: of the dues that were kept, oldest first.

    Each is the month in which it was paid, and for how many it counts.
    """
    reached: int | None = None
    for month, months in dues:
        ends = month + months - 1
        reached = ends if reached is None else max(reached + months, ends)
    return reached


def standing(facts: Facts, rules: MonthRules, *, now: dt.datetime) -> Standing:
    """Return how somebody stands by what is known now.

    Nobody falls further while a month's money may be settling, nobody lapses while the gateway
    still tries, and nobody whose dues have ended stops being a member before the paid-up month and
    the months of grace are over: then they lapse, for nothing more is to come. Of whom nothing was
    ever taken there is nothing to go by, so they stay as they are.
    """
    if not facts.has_paid:
        return Standing(facts.state, "no dues in the books")
    if facts.paid_up_to is None:
        return Standing("applied", "every due went back")
    behind = month_of(now) - facts.paid_up_to
    why = f"paid up to {first_day(facts.paid_up_to):%Y-%m}"
    if behind <= rules.arrears_after:
        return Standing("active", why, behind)
    lapses = facts.ended or behind > rules.lapse_after
    if facts.ended:
        why = f"{why}, dues have ended"
    worse = "lapsed" if lapses else "arrears"
    held = worse
    if _retries(facts, now=now):
        held = min(worse, max("arrears", facts.state, key=_rank), key=_rank)
    if _settles(facts, now=now) or _spared(facts, now=now):
        held = min(worse, facts.state, key=_rank)
    waits = _retries(facts, now=now) or _settles(facts, now=now) or _spared(facts, now=now)
    return Standing(held, why, behind, held=waits or facts.silent)


def _spared(facts: Facts, *, now: dt.datetime) -> bool:
    """Say whether somebody came from elsewhere so lately that their dues may not be here yet."""
    return facts.spared_until is not None and now < facts.spared_until


def _rank(state: str) -> int:
    return _WORSE.get(state, 0)


def _retries(facts: Facts, *, now: dt.datetime) -> bool:
    """Say whether the gateway tries again, or may still be waiting for the bank's answer."""
    tries = facts.retry_at is not None and now < facts.retry_at + ANSWERED_WITHIN
    return tries and not facts.ended


def _settles(facts: Facts, *, now: dt.datetime) -> bool:
    """Say whether a month was collected so lately that its bank may not have answered yet."""
    if facts.ended or facts.collects_at is None:
        return False
    upcoming = calendar.upcoming(facts.collects_at, now=now)
    if upcoming is None:
        return False
    last = calendar.later(upcoming, -1)
    failed = facts.unpaid_at is not None and facts.unpaid_at >= last - _ABOUT_THEN
    return not failed and last <= now < last + ANSWERED_WITHIN
