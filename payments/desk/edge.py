"""What the desks of money and messages have in common at their edge: who, by what rules, noted."""

import uuid
from collections.abc import Iterable

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from payments.running import rules, spelled, today
from payments.wall.showing import Cursor, NotACursor
from staff import auditing
from staff.auditing import Subject
from staff.models import StaffAccount
from staff.room import me

__all__ = [
    "account",
    "cursor_of",
    "note",
    "number_asked",
    "people",
    "row_asked",
    "rules",
    "spelled",
    "today",
]
_MOST_NUMBER = 2**31 - 1  # what the database counts rows up to


def note(session: Session, kind: str, detail: str, pledge_id: uuid.UUID | None = None) -> None:
    """Write into the audit what was done; of a payer's record, whose by the pledge's id."""
    subject = Subject("pledge", pledge_id) if pledge_id else None
    auditing.record(
        session, kind, by=me().account_id, now=clock.now(), subject=subject, detail=detail
    )


def note_line(session: Session, what: str, line_id: int) -> None:
    """Write into the audit what was decided of a line of the bank."""
    auditing.record(
        session,
        "change",
        by=me().account_id,
        now=clock.now(),
        subject=Subject("bank-line", line_id),
        detail=what,
    )


def who_decided(session: Session, line_id: int) -> tuple[uuid.UUID | None, str]:
    """Return who at the desk decided last of a line of the bank, and what; nobody and nothing."""
    entries = auditing.of_subject(session, Subject("bank-line", line_id), most=1)
    return next(((each.account_id, each.detail) for each in entries), (None, ""))


def people(session: Session, ids: Iterable[uuid.UUID | None]) -> dict[str, str]:
    """Return the addresses of accounts of the staff by their ids as text."""
    wanted = select(StaffAccount).where(StaffAccount.id.in_({each for each in ids if each}))
    return {str(each.id): each.email for each in session.scalars(wanted)}


def account(who: str | None) -> uuid.UUID | None:
    """Return the account that decided; None where it was the books, a command, or nobody."""
    try:
        return uuid.UUID(who or "")
    except ValueError:
        return None


def cursor_of(text: str | None) -> Cursor | None:
    """Return where a page begins; what says it in other words than ours is no page."""
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except (NotACursor, OverflowError):
        abort(404)


def row_asked(name: str = "after") -> uuid.UUID | None:
    """Return the row at which the list before this one ended; other words are no page."""
    text = request.args.get(name)
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        abort(404)


def number_asked(name: str) -> int | None:
    """Return the number of the row at which the list before this one ended."""
    found = request.args.get(name, type=int)
    return None if found is None else max(0, min(found, _MOST_NUMBER))
