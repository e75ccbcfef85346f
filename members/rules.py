"""What this room goes by, from `organisation.toml`."""

import datetime as dt
from dataclasses import dataclass

from core.money import Money
from core.organisation import Rate
from members.standing.rules import MonthRules


@dataclass(frozen=True, slots=True)
class Rules:
    """The organisation's own rules.

    `office_email` is told of new members where no region's organiser is. `welcome_link` is how
    long the link in the welcome letter works, `asked_link` one that was asked for. `months` says
    when who is behind with dues is in arrears, and when no member any more. `acceptance` says that
    an organiser accepts who has joined and paid; `treasurer_email` is told of those declined.
    """

    minimum_age: int
    rates: tuple[Rate, ...]
    office_email: str
    welcome_link: dt.timedelta
    asked_link: dt.timedelta
    months: MonthRules
    acceptance: bool
    treasurer_email: str

    @property
    def lowest(self) -> Money:
        """The least that somebody pays each month."""
        return min((rate.amount for rate in self.rates), key=lambda amount: amount.pence)

    def rate(self, slug: str) -> Rate | None:
        """Return the rate of this slug, or None where the organisation no longer has it."""
        return next((rate for rate in self.rates if rate.slug == slug), None)
