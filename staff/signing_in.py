"""Signing in: a password, then a code or a passkey; or a passkey alone, which is two factors.

Each step is counted before it is looked at.

No answer tells whether there is an account: the same is written down and the same hash is made for
an address that nobody has.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from staff import accounts, auditing, codes, devices, passkeys, sealing, sessions, throttling
from staff.models import StaffAccount, StaffSession
from staff.throttling import Key

_NOBODY = uuid.UUID(int=0)  # looked for as an account would be, in the same time
_AT_ONE_ADDRESS = 50  # an office behind one address has many people in it
_GUESSES = 5  # wrong codes after the right password, of which the owner is told


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: from what address, with what token of a device, by what browser."""

    address: str
    device: str | None
    agent: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody has signed in whole: the tokens that the browser shall hold."""

    session: str
    device: str


def keys_of_password(
    session: Session, email_key: str, caller: Caller, *, secret: str, now: dt.datetime
) -> list[Key]:
    """Return what an attempt with a password is counted under.

    On a device that the account knows, by that device: nobody elsewhere can bring its owner to a
    halt. Anywhere else by account and address.
    """
    account = accounts.by_email(session, email_key)
    account_id = account.id if account else _NOBODY
    known = devices.find(session, account_id, caller.device, now=now)
    if known is not None:
        return [throttling.key("device", email_key, str(known.id), secret=secret)]
    return [
        throttling.key("password", email_key, caller.address, secret=secret),
        throttling.key("address", caller.address, secret=secret, free=_AT_ONE_ADDRESS),
    ]


def keys_of_code(
    session: Session, account_id: uuid.UUID, caller: Caller, *, secret: str, now: dt.datetime
) -> list[Key]:
    """Return what an attempt with a code is counted under.

    Whoever gets so far has the password: away from the devices that the account knows all
    attempts are counted as one, or many addresses could share the million codes among them.
    """
    known = devices.find(session, account_id, caller.device, now=now)
    where = str(known.id) if known else "elsewhere"
    return [throttling.key("code", str(account_id), where, secret=secret)]


def keys_of_passkey(
    session: Session, claimed: str, caller: Caller, *, secret: str, now: dt.datetime
) -> list[Key]:
    """Return what an attempt with a passkey alone is counted under: as one with a password is."""
    account_id = passkeys.owner(session, claimed) or _NOBODY
    known = devices.find(session, account_id, caller.device, now=now)
    if known is not None:
        return [throttling.key("device-passkey", str(known.id), secret=secret)]
    return [
        throttling.key("passkey", claimed, caller.address, secret=secret),
        throttling.key("address", caller.address, secret=secret, free=_AT_ONE_ADDRESS),
    ]


def open_hash(session: Session, email_key: str) -> tuple[uuid.UUID | None, str | None]:
    """Return the account of an address, and the hash to compare with; None for either."""
    account = accounts.by_email(session, email_key)
    if account is None:
        return None, None
    return account.id, account.password_hash if account.revoked_at is None else None


def still(session: Session, account_id: uuid.UUID, kept: str | None) -> bool:
    """Whether the hash that was compared with is the account's even now."""
    account = session.get_one(StaffAccount, account_id)
    return account.revoked_at is None and account.password_hash == kept


def refused(session: Session, account_id: uuid.UUID | None, what: str, *, now: dt.datetime) -> None:
    """Write down that somebody failed to sign in."""
    subject = auditing.Subject("staff", account_id) if account_id else None
    auditing.record(session, "failure", by=None, now=now, subject=subject, detail=what)


def halfway(session: Session, account_id: uuid.UUID, *, now: dt.datetime) -> str:
    """Begin the session of who gave the right password; return its token. It opens no page."""
    account = session.get_one(StaffAccount, account_id)
    stage = "code" if account.enrolled else "enrol"
    return sessions.begin(session, account_id, stage, now=now)


def code_is_good(
    session: Session, account_id: uuid.UUID, typed: str, *, keys: Sequence[str], now: dt.datetime
) -> str | None:
    """Take a code of the authenticator or a recovery code up; say which it was, None if neither."""
    account = session.get_one(StaffAccount, account_id)
    if account.revoked_at is not None:
        return None
    if account.totp_secret is not None:
        secret = sealing.unseal(account.totp_secret, keys, about=str(account.id))
        step = codes.step_of(secret, typed, now=now)
        if step is not None:
            return "totp" if codes.take_step(session, account.id, step) else None
    return "recovery" if codes.take_recovery_code(session, account.id, typed, now=now) else None


def finish(
    session: Session, half: StaffSession, caller: Caller, *, how: str, now: dt.datetime
) -> Signed:
    """End the session that was halfway and begin a whole one, under another token.

    With the first second factor everybody else who knows the password is stopped halfway.
    """
    sessions.end(session, half.id, now=now)
    if how == "enrolled":
        sessions.end_all(session, half.account_id, now=now)
    return arrive(session, half.account_id, caller, how=how, now=now)


def arrive(
    session: Session, account_id: uuid.UUID, caller: Caller, *, how: str, now: dt.datetime
) -> Signed:
    """Begin a whole session for who has proved who they are.

    Who signs in on a device that the account does not know is told so by mail.
    """
    account = session.get_one(StaffAccount, account_id)
    met = devices.meet(session, account.id, caller.device, caller.agent, now=now)
    token = sessions.begin(session, account.id, "full", now=now, device_id=met.id)
    if met.new and how != "enrolled":
        accounts.tell(session, account, "device", now=now, key=str(met.id))
    if how == "recovery":
        accounts.tell(session, account, "recovery", now=now)
    subject = auditing.Subject("staff", account.id)
    auditing.record(session, "sign-in", by=account.id, now=now, subject=subject, detail=how)
    return Signed(token, met.token)


def warn_of_guesses(
    session: Session, account_id: uuid.UUID, keys: Sequence[Key], *, now: dt.datetime
) -> None:
    """Tell the owner, once a day, that somebody has their password and guesses at codes."""
    if throttling.failures(session, keys[0]) >= _GUESSES:
        account = session.get_one(StaffAccount, account_id)
        accounts.tell(session, account, "guessed", now=now, key=now.date().isoformat())
