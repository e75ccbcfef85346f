"""How the forms that lead to a payment are defended: the part of `[limits]` that says so."""

from dataclasses import dataclass

from core.tables import Table

_BOUNDS = {
    "form_seconds": (0, 60),
    "attempt_minutes": (1, 60),
    "attempts_per_address": (1, 1_000_000),
    "attempts_per_email": (1, 1_000_000),
    "attempts_a_second_in_all": (1, 1_000_000),
    "passes_per_address": (1, 1_000_000),
    "answers_per_address": (1, 1_000_000),
    "checkouts_a_minute_under_attack": (1, 1_000_000),
    "challenge_minutes": (1, 120),
    "decline_percent": (1, 100),
    "declines_at_least": (1, 1_000_000),
    "decline_minutes": (1, 1440),
    "calm_minutes": (1, 1440),
    "letters_a_minute": (1, 1000),
    "quarantine_days": (1, 60),
}


@dataclass(frozen=True, slots=True)
class Defence:
    """When a payment is asked to prove itself; each name says its unit.

    Attempts are counted over `attempt_minutes`, declined cards over `decline_minutes`.
    """

    form_seconds: int = 2
    attempt_minutes: int = 10
    attempts_per_address: int = 20
    attempts_per_email: int = 10
    attempts_a_second_in_all: int = 10
    passes_per_address: int = 5
    answers_per_address: int = 5
    checkouts_a_minute_under_attack: int = 30
    challenge_minutes: int = 15
    decline_percent: int = 50
    declines_at_least: int = 10
    decline_minutes: int = 10
    calm_minutes: int = 15
    letters_a_minute: int = 30
    quarantine_days: int = 7


def read(table: Table) -> Defence:
    """Read these limits out of the table `[limits]`, in which others stand too."""
    shipped = Defence()
    names = Defence.__dataclass_fields__
    return Defence(
        **{name: table.whole(name, getattr(shipped, name), *_BOUNDS[name]) for name in names}
    )
