"""Sessions of the staff: rows, so that they can be ended from here. The browser holds a token."""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from staff.models import StaffAccount, StaffSession

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
HALFWAY = dt.timedelta(minutes=15)
_KEPT = dt.timedelta(days=30)
_TOUCH = dt.timedelta(minutes=1)  # one look a minute is written down, not every one
_TOKEN_BYTES = 32


def new_token() -> str:
    """Return what a browser will hold; nothing but its digest is kept here."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> str:
    """Return what is kept of a token: it has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def begin(
    session: Session,
    account_id: uuid.UUID,
    stage: str,
    *,
    now: dt.datetime,
    device_id: uuid.UUID | None = None,
) -> str:
    """Begin a session at this stage; return its token, never the one of any session before."""
    token = new_token()
    row = StaffSession(
        id=uuid.uuid4(),
        account_id=account_id,
        device_id=device_id,
        digest=digest(token),
        stage=stage,
        begun_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    return token


def find(session: Session, token: object, *, now: dt.datetime) -> StaffSession | None:
    """Return the session of this token, with its account, while it is not over."""
    if not isinstance(token, str):
        return None
    row = session.scalars(
        select(StaffSession)
        .where(StaffSession.digest == digest(token), StaffSession.ended_at.is_(None))
        .options(joinedload(StaffSession.account))
    ).one_or_none()
    return row if row and is_live(row, now=now) else None


def locked(session: Session, row_id: uuid.UUID) -> tuple[StaffAccount, StaffSession]:
    """Return a session as it stands, behind a lock on its account: what opens that is to change.

    Whoever changes it takes the account first, so that nobody waits for one who waits for them.
    """
    account_id = session.get_one(StaffSession, row_id).account_id
    account = session.get_one(StaffAccount, account_id, with_for_update=True)
    return account, session.get_one(StaffSession, row_id, with_for_update=True)


def came_late(account: StaffAccount, row: StaffSession) -> bool:
    """Whether a session would set up a first second factor where there is one by now."""
    return row.stage != "full" and account.enrolled


def is_live(row: StaffSession, *, now: dt.datetime) -> bool:
    """Whether the session is neither ended nor left alone nor begun too long ago."""
    if row.ended_at is not None or row.account.revoked_at is not None:
        return False
    if row.stage != "full":
        return now - row.begun_at < HALFWAY
    return now - row.seen_at < IDLE and now - row.begun_at < LONGEST


def wants_touch(row: StaffSession, *, now: dt.datetime) -> bool:
    """Whether it is time to write down that the session was seen."""
    return now - row.seen_at >= _TOUCH


def touch(session: Session, row_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Note that somebody was here."""
    session.execute(update(StaffSession).where(StaffSession.id == row_id).values(seen_at=now))


def end(session: Session, row_id: uuid.UUID, *, now: dt.datetime) -> None:
    """End one session."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == row_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now, new_secret=None)
    )


def end_all(
    session: Session, account_id: uuid.UUID, *, now: dt.datetime, but: uuid.UUID | None = None
) -> None:
    """End every session of an account, but perhaps the one that asks for it."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.ended_at.is_(None),
            StaffSession.id != (but or uuid.UUID(int=0)),
        )
        .values(ended_at=now, new_secret=None)
    )


def live(session: Session, account_id: uuid.UUID, *, now: dt.datetime) -> Sequence[StaffSession]:
    """Return where an account is signed in now, the newest first."""
    rows = session.scalars(
        select(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.ended_at.is_(None),
            StaffSession.stage == "full",
        )
        .options(joinedload(StaffSession.account), joinedload(StaffSession.device))
        .order_by(StaffSession.begun_at.desc())
    )
    return [row for row in rows if is_live(row, now=now)]


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop sessions that have been over for a month."""
    session.execute(delete(StaffSession).where(StaffSession.begun_at < now - _KEPT))
