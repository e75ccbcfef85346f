"""The second factor: codes of an authenticator (TOTP, RFC 6238), and codes for when it is lost."""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
import uuid

import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from staff.models import StaffAccount, StaffRecoveryCode

STEP_SECONDS = 30
_TOLERANCE = (0, -1, 1)  # steps by which a telephone's clock may be wrong (RFC 6238, 5.2)
_DIGITS = re.compile(r"[0-9]{6}")
_RECOVERY_CODES = 10
_RECOVERY_BYTES = 10  # sixteen letters of base 32, so a plain hash keeps them well enough


def new_secret() -> str:
    """Return the secret of a new authenticator, in base 32."""
    return str(pyotp.random_base32())


def address_of(secret: str, *, email: str, issuer: str) -> str:
    """Return what an authenticator reads out of the QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer))


def step_of(secret: str, typed: str, *, now: dt.datetime) -> int | None:
    """Return the step whose code was typed, at most one away from now; None where it is none."""
    digits = "".join(typed.split())
    if not _DIGITS.fullmatch(digits):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    code = pyotp.TOTP(secret)
    for step in (here + off for off in _TOLERANCE):
        if hmac.compare_digest(str(code.at(step * STEP_SECONDS)), digits):
            return step
    return None


def take_step(session: Session, account_id: uuid.UUID, step: int) -> bool:
    """Take the code of this step, unless it or a later one was taken; say whether it was."""
    taken = session.scalar(
        update(StaffAccount)
        .where(
            StaffAccount.id == account_id,
            or_(StaffAccount.totp_step.is_(None), StaffAccount.totp_step < step),
        )
        .values(totp_step=step)
        .returning(StaffAccount.id)
    )
    return taken is not None


def new_recovery_codes(session: Session, account_id: uuid.UUID) -> list[str]:
    """Make recovery codes in place of those there were; they are shown now and never again."""
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account_id))
    codes = [_recovery_code() for _each in range(_RECOVERY_CODES)]
    session.add_all(
        StaffRecoveryCode(account_id=account_id, digest=_digest(account_id, code)) for code in codes
    )
    session.flush()
    return codes


def take_recovery_code(
    session: Session, account_id: uuid.UUID, typed: str, *, now: dt.datetime
) -> bool:
    """Use a recovery code up; say whether it was a good one."""
    taken = session.scalar(
        update(StaffRecoveryCode)
        .where(
            StaffRecoveryCode.account_id == account_id,
            StaffRecoveryCode.digest == _digest(account_id, typed),
            StaffRecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(StaffRecoveryCode.id)
    )
    return taken is not None


def recovery_codes_left(session: Session, account_id: uuid.UUID) -> int:
    """Return how many of them were not used yet."""
    found = session.scalar(
        select(func.count())
        .select_from(StaffRecoveryCode)
        .where(StaffRecoveryCode.account_id == account_id, StaffRecoveryCode.used_at.is_(None))
    )
    return found or 0


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _digest(account_id: uuid.UUID, code: str) -> str:
    letters = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(f"{account_id}:{letters}".encode(errors="replace")).hexdigest()
