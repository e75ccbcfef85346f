"""The seats of the sample: four accounts of development whose passwords and secrets are known.

They are told by their ids, which are made from their addresses, so that no account that somebody
was invited to is ever taken for one.
"""

import base64
import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from staff import accounts, passwords, sealing
from staff.accounts import Post
from staff.models import StaffAccount
from staff.principal import Role

PASSWORD = "marigold ladder thursday harbour"  # noqa: S105 -- of development alone, and printed
_OURS = uuid.UUID("6a6c7b1e-6f0e-5d0f-9d7c-2f6f0b3f7a51")
_SECRET_BYTES = 20


class SomebodyElses(Exception):
    """An account of a seat's address is there, and it is not the sample's."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the accounts, and what opens it."""

    role: Role
    email: str
    password: str
    code: str


def address(role: Role) -> str:
    """Return the address of the account of a role."""
    return f"sample.{role}@example.org"


def ident(role: Role) -> uuid.UUID:
    """Return the id of the account of a role."""
    return uuid.uuid5(_OURS, address(role))


def make(session: Session, region_id: int, *, keys: Sequence[str], now: dt.datetime) -> int:
    """Make the accounts that are not there, the organiser's of this region; say how many.

    Raises:
        SomebodyElses: one of the addresses has an account that is not the sample's.
    """
    made = 0
    for role in Role:
        found = accounts.by_email(session, address(role))
        if found is not None and found.id != ident(role):
            raise SomebodyElses(role)
        if found is None:
            _sit(session, role, region_id, keys, now)
            made += 1
    return made


def codes(session: Session, *, now: dt.datetime) -> list[Seat]:
    """Return what opens the accounts that are there and not revoked, with the codes of now."""
    there = {each.id for each in _open(session)}
    return [
        Seat(role, address(role), PASSWORD, pyotp.TOTP(_secret(role)).at(int(now.timestamp())))
        for role in Role
        if ident(role) in there
    ]


def any_open(session: Session) -> bool:
    """Whether one of the accounts could be signed in to."""
    return bool(_open(session))


def _open(session: Session) -> Sequence[StaffAccount]:
    wanted = select(StaffAccount).where(
        StaffAccount.id.in_([ident(role) for role in Role]),
        StaffAccount.revoked_at.is_(None),
        StaffAccount.totp_secret.is_not(None),
    )
    return session.scalars(wanted).all()


def _sit(
    session: Session, role: Role, region_id: int, keys: Sequence[str], now: dt.datetime
) -> None:
    account = StaffAccount(
        id=ident(role),
        email=address(role),
        email_key=address(role),
        role=role,
        password_hash=passwords.hashed(PASSWORD),
        invited_at=now,
    )
    account.totp_secret = sealing.seal(_secret(role), keys, about=str(account.id))
    session.add(account)
    session.flush()
    organises = role is Role.ORGANISER
    post = Post(role, frozenset([region_id])) if organises else Post(role)
    accounts.appoint(session, account, post, by=None, now=now)


def _secret(role: Role) -> str:
    """Return the secret of a role's authenticator: the same on every machine."""
    digest = hashlib.sha256(address(role).encode()).digest()[:_SECRET_BYTES]
    return base64.b32encode(digest).decode()
