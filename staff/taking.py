"""Taking the audit out: with a reason, counted, once, and written down in the audit itself."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import spreadsheets
from core.database import insert_once
from staff import accounts, auditing
from staff.auditing import Sought, Subject
from staff.models import AuditEntry
from staff.principal import Principal
from staff.records import AuditExport

COLUMNS = ("id", "at", "kind", "by", "subject_kind", "subject_id", "detail")
_AT_ONCE = 1_000


def take(
    session: Session,
    principal: Principal,
    sought: Sought,
    *,
    reason: str,
    nonce: uuid.UUID,
    now: dt.datetime,
) -> int | None:
    """Write down that a part of the audit is taken out; return the id of its newest entry.

    None where this form has taken one out before.
    """
    entries = auditing.count(session, sought)
    upto = session.scalar(select(func.max(AuditEntry.id))) or 0
    row = {
        "account_id": principal.account_id,
        "reason": reason,
        "entries": entries,
        "at": now,
        "nonce": nonce,
    }
    if not insert_once(session, AuditExport, row, unique="nonce"):
        return None
    kept = session.scalars(select(AuditExport.id).where(AuditExport.nonce == nonce)).one()
    auditing.record(
        session,
        "export",
        by=principal.account_id,
        now=now,
        subject=Subject("audit-export", kept),
        detail=f"audit:{entries}",
    )
    return upto


def rows(session: Session, sought: Sought, *, upto: int) -> Iterator[Sequence[object]]:
    """Give the head of the file and a row for each entry, the newest first.

    The session is given back between batches. No cell is a formula.
    """
    yield COLUMNS
    before: int | None = upto + 1
    while before is not None:
        found = auditing.search(session, sought, before=before, most=_AT_ONCE)
        names = accounts.addresses(session, [each.account_id for each in found if each.account_id])
        session.close()
        for each in found:
            by = names.get(each.account_id, "") if each.account_id else ""
            cells = (each.id, each.at.isoformat(), each.kind, by)
            subject = (each.subject_kind, each.subject_id, each.detail)
            yield [spreadsheets.harmless(cell) for cell in (*cells, *subject)]
        before = found[-1].id if len(found) == _AT_ONCE else None


def taken(session: Session, *, most: int = 10) -> Sequence[AuditExport]:
    """Return what was taken out last, the newest first."""
    return session.scalars(select(AuditExport).order_by(AuditExport.id.desc()).limit(most)).all()
