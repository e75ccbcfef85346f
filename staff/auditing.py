"""The audit: what staff did, written in the transaction that did it. Nothing takes it back.

`record` is the one way in. No name, address or search word goes in: ids and words of our own.
"""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from staff.models import KINDS, AuditEntry

_WORD = re.compile(r"[a-z0-9:_-]{0,64}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
PAGE = 50


class NotForTheAudit(ValueError):
    """What was to be written down could hold something personal."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What something was done to: the kind of row, and its id."""

    kind: str
    id: uuid.UUID | int | str


def record(
    session: Session,
    kind: str,
    *,
    by: uuid.UUID | None,
    now: dt.datetime,
    subject: Subject | None = None,
    detail: str = "",
) -> None:
    """Write down that the account `by` did something; None where nobody is known to have.

    Raises:
        NotForTheAudit: for a kind that there is not, and for anything but ids and our own words.
    """
    if kind not in KINDS or not _WORD.fullmatch(detail):
        raise NotForTheAudit("is none of our words")
    if subject and not (_WORD.fullmatch(subject.kind) and _ID.fullmatch(str(subject.id))):
        raise NotForTheAudit("is no id")
    session.add(
        AuditEntry(
            at=now,
            kind=kind,
            account_id=by,
            subject_kind=subject.kind if subject else None,
            subject_id=str(subject.id) if subject else None,
            detail=detail,
        )
    )
    session.flush()


def of_subject(
    session: Session, subject: Subject, *, most: int | None = None
) -> Sequence[AuditEntry]:
    """Return what was done to one row, the newest first: a person's own record of who looked.

    With `most` it is so many entries at most.
    """
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == subject.kind, AuditEntry.subject_id == str(subject.id))
        .order_by(AuditEntry.id.desc())
        .limit(most)
    ).all()


def search(
    session: Session,
    *,
    account_id: uuid.UUID | None = None,
    kind: str = "",
    before: int | None = None,
) -> Sequence[AuditEntry]:
    """Return one page of entries, the newest first: of one account, of one kind, before one id."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    if account_id is not None:
        query = query.where(AuditEntry.account_id == account_id)
    if kind:
        query = query.where(AuditEntry.kind == kind)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session.scalars(query).all()
