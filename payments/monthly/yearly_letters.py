"""One letter in January to each monthly giver of the year before, with a link to the statement."""

import datetime as dt
import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, links
from core.clock import day_in_london
from core.database import reading, transaction
from core.outbox import OutboxMail, mail
from payments import settling
from payments.models import LedgerTransaction, Payment, Pledge
from payments.monthly import yearly

EVERY = dt.timedelta(hours=6)
# What was taken in the last days of December is told by then, Direct Debits too.
_FIRST_DAY = 5
_JANUARY = 1
_BATCH = 100
_GIVER = uuid.UUID("5f0c2c1e-3a57-4c0f-9a55-0d3c6f1b7a10")
"""Under which the address of a giver becomes the name of a letter, from which nobody reads it."""


def tell_due(rules: settling.Rules) -> int:
    """Write the letters of the year before, each once, from the fifth of January to the last."""
    now = clock.now()
    today = day_in_london(now)
    if today.month != _JANUARY or today.day < _FIRST_DAY:
        return 0
    with reading() as session:
        givers = _givers(session, today.year - 1)
    for first in range(0, len(givers), _BATCH):
        with transaction() as session:
            _write(session, dict(givers[first : first + _BATCH]), today.year - 1, rules, now=now)
    return 0


def _givers(session: Session, year: int) -> list[tuple[str, str]]:
    """Return the addresses that gave monthly in a year, by their keys, as they were typed."""
    found = session.execute(
        select(Pledge.email_key, func.max(Pledge.email))
        .join(Payment, Payment.pledge_id == Pledge.id)
        .join(LedgerTransaction, LedgerTransaction.payment_id == Payment.id)
        .where(
            Pledge.kind == "monthly",
            Pledge.email != "",
            LedgerTransaction.kind == "payment",
            yearly.within(year),
        )
        .group_by(Pledge.email_key)
        .order_by(Pledge.email_key)
    )
    return [(key, email) for key, email in found]


def _write(
    session: Session, givers: dict[str, str], year: int, rules: settling.Rules, *, now: dt.datetime
) -> None:
    """Write to those of these givers who have no letter yet."""
    names = {f"year:{year}:{uuid.uuid5(_GIVER, key).hex}": key for key in givers}
    written = set(session.scalars(select(OutboxMail.key).where(OutboxMail.key.in_(names))))
    for name, email_key in names.items():
        if name in written:
            continue
        link = links.mint(session, email_key, lifetime=rules.link_lifetime, now=now)
        values = {"year": year, "link": str(link)}
        mail(session, "year_statement", key=name, to=givers[email_key], values=values, now=now)
