"""How long things are kept where no law says so: `[retention]` in `organisation.toml`."""

from dataclasses import dataclass

from core.tables import Table

# Stripe tells again for 30 days what was not answered, and lists its events as long: a notice goes
# later than that. What was put aside may be finished for 60 days at most, so it is kept longer.
_BOUNDS = {
    "unpaid_pledge_days": (7, 3650),
    "application_days": (7, 3650),
    "notice_days": (35, 3650),
    "letter_days": (30, 3650),
    "link_days": (1, 3650),
    "put_aside_days": (61, 3650),
    "request_days": (90, 3650),
    "financial_year_ends_month": (1, 12),
}


@dataclass(frozen=True, slots=True)
class Retention:
    """Each name says its unit.

    `financial_year_ends_month` is the month (1 to 12) with whose last day a financial year ends:
    records of payments are kept for some years from then.
    """

    unpaid_pledge_days: int = 90
    application_days: int = 90
    notice_days: int = 90
    letter_days: int = 365
    link_days: int = 30
    put_aside_days: int = 90
    request_days: int = 1095
    financial_year_ends_month: int = 12


def read(table: Table) -> Retention:
    """Read the table `[retention]`; what is not there is as shipped."""
    shipped = Retention()
    names = Retention.__dataclass_fields__
    found = Retention(
        **{name: table.whole(name, getattr(shipped, name), *_BOUNDS[name]) for name in names}
    )
    table.refuse_unknown()
    return found
