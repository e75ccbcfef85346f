"""Notes about a member: added, and struck out by whoever wrote them. Nothing of them is deleted."""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import insert_once
from members.models import Member
from members.records import MemberNote
from staff import auditing
from staff.auditing import Subject
from staff.principal import Principal
from staff.scoping import scoped


def add(
    session: Session,
    principal: Principal,
    member: Member,
    text: str,
    *,
    nonce: uuid.UUID,
    now: dt.datetime,
    kind: str = "note",
) -> bool:
    """Write a note about a member who was found in scope; say whether it is new.

    The form that is sent twice writes it once.
    """
    row = {
        "member_id": member.id,
        "account_id": principal.account_id,
        "kind": kind,
        "text": text,
        "at": now,
        "nonce": nonce,
    }
    new = insert_once(session, MemberNote, row, unique="nonce")
    if new:
        _record(session, principal, member.id, kind, now)
    return new


def kept(session: Session, principal: Principal, member: Member, nonce: uuid.UUID) -> bool:
    """Say whether the form of this number has written its note about a member already."""
    wanted = select(MemberNote.id).where(
        MemberNote.nonce == nonce,
        MemberNote.member_id == member.id,
        MemberNote.account_id == principal.account_id,
    )
    return session.scalar(scoped(wanted, principal)) is not None


def strike(
    session: Session, principal: Principal, member: Member, note_id: int, *, now: dt.datetime
) -> bool:
    """Strike out a note of one's own; say whether there is such a one. Struck out it stays so."""
    wanted = select(MemberNote).where(
        MemberNote.id == note_id,
        MemberNote.member_id == member.id,
        MemberNote.account_id == principal.account_id,
    )
    note = session.scalar(scoped(wanted, principal).with_for_update())
    if note is None:
        return False
    if note.struck_at is None:
        note.struck_at = now
        _record(session, principal, member.id, "note-struck", now)
    return True


def _record(
    session: Session, principal: Principal, member_id: uuid.UUID, detail: str, now: dt.datetime
) -> None:
    subject = Subject("member", member_id)
    auditing.record(
        session, "change", by=principal.account_id, now=now, subject=subject, detail=detail
    )
