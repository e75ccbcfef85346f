"""What this room tells the desk of numbers."""

from flask import Flask
from flask_babel import lazy_gettext as _l

import staff
from members import numbers
from staff.numbers import Measure, Series
from staff.principal import Role

_ORGANISERS = frozenset((Role.ORGANISER, Role.ADMIN))
_MONEY = _ORGANISERS | {Role.TREASURER}


def tell_desk(app: Flask) -> None:
    """Declare the numbers of members; whoever moved since is counted where they are now."""
    title, words = _l("Members"), _l("Active or in arrears, where they are now.")
    standing = Series("active", title, words, _ORGANISERS, numbers.standing, now=True, rank=10)
    title, words = _l("Joined"), _l("Became a member, for the first time or again.")
    joined = Series("joined", title, words, _ORGANISERS, numbers.joined, rank=11)
    title, words = _l("Left"), _l("Left, or lapsed unpaid.")
    went = Series("went", title, words, _ORGANISERS, numbers.went, rank=12)
    staff.add_series(app, standing, joined, went, _calls(), _dues())


def _calls() -> Series:
    return Series(
        "first-call",
        _l("From joining to the first call"),
        _l("By the month in which they joined: half of those who were rung were within this time."),
        _ORGANISERS,
        numbers.first_calls,
        Measure.DAYS,
        rank=13,
    )


def _dues() -> Series:
    title, words = _l("Dues"), _l("Dues that came in, less what went back.")
    return Series("dues", title, words, _MONEY, numbers.dues, Measure.PENCE, rank=60)
