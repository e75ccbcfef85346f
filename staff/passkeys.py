"""Passkeys: kept, taken away, and proved against the rows that are kept of them."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from core.database import insert_once
from staff import auditing, authenticators, challenges, sessions
from staff.authenticators import Relying
from staff.challenges import Challenge
from staff.models import StaffAccount, StaffPasskey

MOST = 10  # of one account


class LastFactor(ValueError):
    """Without this passkey a password alone would open the account."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an answer: whose passkey it claims to be, and what is written down of it."""

    good: bool
    account_id: uuid.UUID | None
    detail: str


def make(
    session: Session,
    session_id: uuid.UUID,
    answer: str,
    *,
    who: Relying,
    challenge: Challenge | None,
    name: str,
    now: dt.datetime,
) -> StaffPasskey | None:
    """Keep the passkey that a browser made for the account of this session.

    None where it is none of ours, or is kept already, or where the session has ended meanwhile.
    The challenge is used up, whatever comes of it.
    """
    if challenge is None or not challenges.use_up(session, challenge, now=now):
        return None
    account, here = sessions.locked(session, session_id)
    session.refresh(account, ["passkeys"])
    found = authenticators.made(answer, who, challenge)
    if found is None or here.ended_at is not None or sessions.came_late(account, here):
        return None
    if len(account.passkeys) >= MOST:
        return None
    row = {
        "id": uuid.uuid4(),
        "account_id": account.id,
        "credential_id": bytes_to_base64url(found.credential_id),
        "public_key": bytes_to_base64url(found.credential_public_key),
        "sign_count": found.sign_count,
        "name": name,
        "made_at": now,
        "used_at": None,
    }
    if not insert_once(session, StaffPasskey, row, unique="credential_id"):
        return None
    session.expire(account, ["passkeys"])
    subject = auditing.Subject("staff", account.id)
    auditing.record(session, "change", by=account.id, now=now, subject=subject, detail="passkey")
    return session.get_one(StaffPasskey, row["id"])


def prove(
    session: Session,
    answer: str,
    *,
    who: Relying,
    challenge: Challenge | None,
    account_id: uuid.UUID | None = None,
    now: dt.datetime,
) -> Verdict:
    """Say whether a browser has proved a passkey: of this account, or where none is given of any.

    As much is done for a passkey that there is not. The challenge is used up, whatever comes of it.
    A passkey that has counted less than before may be a copy, and is refused.
    """
    claimed, handle = authenticators.claims(answer)
    found = session.execute(
        select(StaffPasskey, StaffAccount)
        .join(StaffAccount, StaffAccount.id == StaffPasskey.account_id)
        .where(StaffPasskey.credential_id == claimed)
        .with_for_update(of=StaffPasskey)
    ).one_or_none()
    row, owner = found or (None, None)
    key = base64url_to_bytes(row.public_key) if row else authenticators.nobodys()
    live = challenge is not None and challenges.use_up(session, challenge, now=now)
    proved = authenticators.proved(answer, who, challenge, key) if challenge else None
    if row is None or owner is None or proved is None or not live or owner.revoked_at is not None:
        return Verdict(good=False, account_id=owner.id if owner else None, detail="passkey")
    if account_id not in (None, owner.id) or handle not in _handles(owner, account_id):
        return Verdict(good=False, account_id=owner.id, detail="passkey")
    if max(row.sign_count, proved.new_sign_count) and proved.new_sign_count <= row.sign_count:
        return Verdict(good=False, account_id=owner.id, detail="passkey-copied")
    row.sign_count, row.used_at = proved.new_sign_count, now
    return Verdict(good=True, account_id=owner.id, detail="passkey")


def claimed(answer: str) -> str:
    """Return which passkey an answer claims to be of, for counting; nothing is proved by it."""
    return authenticators.claims(answer)[0]


def owner(session: Session, credential_id: str) -> uuid.UUID | None:
    """Return whose passkey this is, None where there is no such."""
    return session.scalar(
        select(StaffPasskey.account_id).where(StaffPasskey.credential_id == credential_id)
    )


def remove(
    session: Session, account_id: uuid.UUID, passkey_id: uuid.UUID, *, now: dt.datetime
) -> bool:
    """Take one of an account's passkeys away; False where it has no such.

    Raises:
        LastFactor: where a password alone would be left.
    """
    account = session.get_one(StaffAccount, account_id, with_for_update=True)
    session.refresh(account, ["passkeys"])
    row = next((each for each in account.passkeys if each.id == passkey_id), None)
    if row is None:
        return False
    if account.totp_secret is None and len(account.passkeys) == 1:
        raise LastFactor
    account.passkeys.remove(row)
    subject = auditing.Subject("staff", account.id)
    detail = "passkey-removed"
    auditing.record(session, "change", by=account.id, now=now, subject=subject, detail=detail)
    return True


def forget_all(session: Session, account: StaffAccount) -> None:
    """Forget every passkey of an account whose sessions have been ended: none is made any more."""
    session.execute(delete(StaffPasskey).where(StaffPasskey.account_id == account.id))
    session.expire(account, ["passkeys"])


def _handles(owner: StaffAccount, account_id: uuid.UUID | None) -> tuple[str | None, ...]:
    """Return what an answer may say whose passkey it is; who signs in by it alone must say it.

    (WebAuthn Level 3, 7.2, step 6.)
    """
    own = bytes_to_base64url(owner.id.bytes)
    return (own,) if account_id is None else (own, None)
