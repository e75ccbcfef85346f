"""The audit: what staff did, written in the transaction that did it. Nothing takes it back.

`record` is the one way in. No name, address or search word goes in: ids and words of our own.
"""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from staff.models import KINDS, AuditEntry

_WORD = re.compile(r"[a-z0-9:_-]{0,64}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
PAGE = 50
_ASTRAY = dt.timedelta(hours=1)  # by which no entry is written after one with a later time
_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])


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
    session: Session, subject: Subject, *, before: int | None = None, most: int | None = None
) -> Sequence[AuditEntry]:
    """Return what was done to one row, the newest first: a person's own record of who looked.

    With `most` it is so many entries at most, with `before` those before one id.
    """
    return search(session, Sought(subject=subject), before=before, most=most)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in the audit: of one account, of one kind, of one row, since a moment."""

    account_id: uuid.UUID | None = None
    kind: str = ""
    subject: Subject | None = None
    since: dt.datetime | None = None


def search(
    session: Session, sought: Sought, *, before: int | None = None, most: int | None = PAGE + 1
) -> Sequence[AuditEntry]:
    """Return some entries, the newest first, those before one id: a page and one more."""
    query = narrowed(session, select(AuditEntry), sought).order_by(AuditEntry.id.desc()).limit(most)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session.scalars(query).all()


def count(session: Session, sought: Sought, *, most: int | None = None) -> int:
    """Return how many entries are such as are looked for, `most` of them at most."""
    some = narrowed(session, select(AuditEntry.id), sought).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def narrowed(session: Session, query: _Query, sought: Sought) -> _Query:
    """Return a query of entries, narrowed to what is looked for.

    Since when is asked by ids too, which are given nearly in the order of time: one index serves.
    """
    if sought.account_id is not None:
        query = query.where(AuditEntry.account_id == sought.account_id)
    if sought.kind:
        query = query.where(AuditEntry.kind == sought.kind)
    if sought.subject is not None:
        query = query.where(
            AuditEntry.subject_kind == sought.subject.kind,
            AuditEntry.subject_id == str(sought.subject.id),
        )
    if sought.since is not None:
        earlier = select(AuditEntry.id).where(AuditEntry.at < sought.since - _ASTRAY)
        floor = session.scalar(earlier.order_by(AuditEntry.at.desc()).limit(1)) or 0
        query = query.where(AuditEntry.id > floor, AuditEntry.at >= sought.since)
    return query
