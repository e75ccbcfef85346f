"""Setting up the second factor: a secret on trial, kept once a code has proved it."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from staff import auditing, codes, sealing, sessions
from staff.models import StaffSession


def on_trial(session: Session, session_id: uuid.UUID, keys: Sequence[str]) -> str:
    """Return the secret that this session tries out, made at the first look.

    It is shown by its own session alone, and no more once it is proved.
    """
    row = session.get_one(StaffSession, session_id)
    if row.new_secret is None:
        secret = codes.new_secret()
        row.new_secret = sealing.seal(secret, keys, about=str(row.id))
        return secret
    return sealing.unseal(row.new_secret, keys, about=str(row.id))


def prove(
    session: Session,
    session_id: uuid.UUID,
    typed: str,
    *,
    keys: Sequence[str],
    now: dt.datetime,
) -> list[str] | None:
    """Keep the secret if the code proves it; return new recovery codes, None where it does not."""
    account, row = sessions.locked(session, session_id)
    if row.new_secret is None or sessions.came_late(account, row):
        return None
    secret = sealing.unseal(row.new_secret, keys, about=str(row.id))
    step = codes.step_of(secret, typed, now=now)
    if step is None:
        return None
    account.totp_secret = sealing.seal(secret, keys, about=str(account.id))
    account.totp_step, row.new_secret = step, None
    subject = auditing.Subject("staff", account.id)
    auditing.record(session, "change", by=account.id, now=now, subject=subject, detail="totp")
    return codes.new_recovery_codes(session, account.id)
