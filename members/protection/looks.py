"""Who of the staff looked at somebody, for their own eyes: when, in what role, what was done.

Not by whom: that is the colleague's own data. An admin finds it in the audit, should it matter.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.protection import Person
from staff.models import AuditEntry, StaffAccount

MOST = 100  # of the newest; the archive has them all


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody did; `role` is theirs of today, None where it was a command of the office's."""

    at: dt.datetime
    kind: str
    role: str | None


def of(session: Session, person: Person) -> Sequence[Look]:
    """Return what the staff did with somebody's own records, the newest first."""
    ids = [str(each) for each in (*person.members, *person.pledges)]
    found = session.execute(
        select(AuditEntry.at, AuditEntry.kind, StaffAccount.role)
        .outerjoin(StaffAccount, StaffAccount.id == AuditEntry.account_id)
        .where(AuditEntry.subject_id.in_(ids))
        .order_by(AuditEntry.id.desc())
        .limit(MOST)
    )
    return [Look(at, kind, role) for at, kind, role in found]
