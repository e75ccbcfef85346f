"""Inviting: nobody makes an account of their own. A letter with a link that works once."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import links, outbox
from core.addresses import EmailAddress
from core.links import DeadLink
from staff import accounts, auditing, passkeys, passwords, sessions
from staff.accounts import Post
from staff.models import StaffAccount, StaffDevice, StaffInvitation, StaffRecoveryCode, StaffSession

PURPOSE = "staff-invitation"
LIFETIME = dt.timedelta(days=3)


class HasAccount(Exception):
    """There is an account of this address."""


def invite(
    session: Session,
    email: EmailAddress,
    post: Post,
    *,
    by: uuid.UUID | None,
    now: dt.datetime,
    anew: bool = True,
) -> StaffAccount:
    """Invite somebody, by letter; links that were sent before stop working.

    Whoever has an account is invited `anew`: until the link is used their password opens it still,
    then it begins again with another password and another authenticator or passkey.

    Raises:
        HasAccount: whoever is not to be invited anew has one.
        NoScope: for an organiser of nowhere, and for a place given to anybody else.
        LastAdmin: for the only admin there is, invited to be something else.
    """
    account = accounts.by_email(session, email.key)
    if account is not None and not anew:
        raise HasAccount(str(account.id))
    if account is None:
        account = StaffAccount(
            id=uuid.uuid4(), email=email.text, email_key=email.key, role=post.role, invited_at=now
        )
        session.add(account)
        session.flush()
    account.revoked_at, account.invited_at = None, now
    accounts.appoint(session, account, post, by=by, now=now)
    void(session, account.id, now=now)
    row = StaffInvitation(
        id=uuid.uuid4(), account_id=account.id, created_at=now, expires_at=now + LIFETIME
    )
    session.add(row)
    session.flush()
    outbox.mail(
        session,
        "staff_invitation",
        key=f"staff-invitation:{row.id}",
        to=account.email,
        values={"invitation": str(row.id), "days": LIFETIME.days},
        now=now,
    )
    subject = auditing.Subject("staff", account.id)
    auditing.record(session, "change", by=by, now=now, subject=subject, detail="invited")
    return account


def token(invitation_id: uuid.UUID, keys: Sequence[str]) -> str:
    """Return what stands in the letter."""
    return links.token(invitation_id, keys, PURPOSE)


def find(
    session: Session, text: str, keys: Sequence[str], *, now: dt.datetime
) -> tuple[StaffInvitation, StaffAccount]:
    """Return a good invitation and whom it is for; looking uses nothing up.

    Raises:
        DeadLink: when it is not ours, was used or taken back, or is too old.
    """
    row = session.get(StaffInvitation, links.read(text, keys, PURPOSE))
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise DeadLink
    account = session.get_one(StaffAccount, row.account_id)
    if account.revoked_at is not None:
        raise DeadLink
    return row, account


def accept(
    session: Session, text: str, keys: Sequence[str], *, password_hash: str, now: dt.datetime
) -> StaffAccount:
    """Use an invitation up: the account has this password now, and no second factor yet.

    Raises:
        DeadLink: when it cannot be used, or somebody else was first.
    """
    row, account = find(session, text, keys, now=now)
    used = session.scalar(
        update(StaffInvitation)
        .where(StaffInvitation.id == row.id, StaffInvitation.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffInvitation.id)
    )
    if used is None:
        raise DeadLink
    account.password_hash = password_hash
    account.totp_secret = account.totp_step = None
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account.id))
    sessions.end_all(session, account.id, now=now)
    passkeys.forget_all(session, account)
    _forget_devices(session, account.id)
    subject = auditing.Subject("staff", account.id)
    auditing.record(
        session, "change", by=account.id, now=now, subject=subject, detail="invitation-accepted"
    )
    return account


def address_of(account: StaffAccount) -> EmailAddress:
    """Return the address of an account."""
    return EmailAddress(account.email)


def own_words(account: StaffAccount, organisation: str) -> list[str]:
    """Return what the password of this account must not hold."""
    return passwords.names_in(account.email, organisation)


def void(session: Session, account_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Let no letter that was sent to this account open anything."""
    session.execute(
        update(StaffInvitation)
        .where(StaffInvitation.account_id == account_id, StaffInvitation.used_at.is_(None))
        .values(used_at=now)
    )


def _forget_devices(session: Session, account_id: uuid.UUID) -> None:
    """Know none of the account's devices any more: it may be another's telephone by now."""
    held = select(StaffDevice.id).where(StaffDevice.account_id == account_id)
    session.execute(
        update(StaffSession).where(StaffSession.device_id.in_(held)).values(device_id=None)
    )
    session.execute(delete(StaffDevice).where(StaffDevice.account_id == account_id))
