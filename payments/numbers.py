"""What the desk shows of gifts in numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, literal, null, select
from sqlalchemy.orm import Session

from core.months import beginning, london_month
from payments.models import LedgerEntry, LedgerTransaction


def gifts(session: Session, first: int) -> Iterable[Sequence[Any]]:
    """Add up the gifts of each month since the first in pence, less what went back in it."""
    month = london_month(LedgerTransaction.moved_at)
    wanted = (
        select(month, null(), null(), literal(0), func.sum(-LedgerEntry.pence))
        .join(LedgerTransaction)
        .where(LedgerEntry.account == "gifts", LedgerTransaction.moved_at >= beginning(first))
    )
    return session.execute(wanted.group_by(month))
