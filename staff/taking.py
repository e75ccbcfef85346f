"""Taking out: files of what is kept here, with a reason, counted, once, and told to the audit.

`once` is for every room. The rest takes out the audit itself.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import spreadsheets
from core.database import insert_once
from staff import accounts, auditing
from staff.auditing import Sought, Subject
from staff.models import AuditEntry
from staff.principal import Principal
from staff.records import AuditExport, TakenOut

COLUMNS = ("id", "at", "kind", "by", "subject_kind", "subject_id", "detail")
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Form:
    """With what somebody takes something out: why, the number of the form, and when."""

    reason: str
    nonce: uuid.UUID
    now: dt.datetime


def once(
    session: Session,
    principal: Principal,
    table: type[TakenOut],
    form: Form,
    said: Mapping[str, object],
    detail: str,
) -> int | None:
    """Write down that something is taken out, of which the table keeps `said`; return the row's id.

    None where this form has taken it out before: whoever wants another says why once more.
    `detail` is what the audit is told.
    """
    row = {
        "account_id": principal.account_id,
        "reason": form.reason,
        "at": form.now,
        "nonce": form.nonce,
        **said,
    }
    if not insert_once(session, table, row, unique="nonce"):
        return None
    kept = session.scalars(select(table.id).where(table.nonce == form.nonce)).one()
    auditing.record(
        session,
        "export",
        by=principal.account_id,
        now=form.now,
        subject=Subject(table.__tablename__.replace("_", "-"), kept),
        detail=detail,
    )
    return kept


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
    upto = session.scalar(select(func.max(AuditEntry.id))) or 0
    entries = auditing.count(session, sought)
    form = Form(reason, nonce, now)
    kept = once(session, principal, AuditExport, form, {"entries": entries}, f"audit:{entries}")
    return upto if kept is not None else None


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
