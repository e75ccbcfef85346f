"""The tables of staff: accounts, what proves who they are, and what they did."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from staff.principal import Role

STAGES = ("enrol", "code", "full")
KINDS = ("sign-in", "failure", "look", "search", "change", "export")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class StaffAccount(Base):
    """Somebody on the staff, from the invitation on. Accounts are revoked, never deleted.

    `totp_secret` is sealed (`staff.sealing`) and there from the moment it was proved;
    `totp_step` is the thirty seconds of the last code that was taken, so that none is taken twice.
    """

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint(_one_of("role", tuple(Role)), "role_known"),
        CheckConstraint("totp_secret IS NULL OR password_hash IS NOT NULL", "password_comes_first"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int | None]
    invited_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]

    scopes: Mapped[list["StaffScope"]] = relationship(
        cascade="all, delete-orphan", order_by="StaffScope.id"
    )
    passkeys: Mapped[list["StaffPasskey"]] = relationship(
        cascade="all, delete-orphan", order_by="StaffPasskey.made_at"
    )

    @property
    def enrolled(self) -> bool:
        """Whether there is a second factor: an authenticator, a passkey, or both."""
        return self.totp_secret is not None or bool(self.passkeys)


class StaffScope(Base):
    """A region or a branch that an organiser looks after."""

    __tablename__ = "staff_scope"
    __table_args__ = (
        CheckConstraint("(region_id IS NULL) <> (branch_id IS NULL)", "one_place"),
        UniqueConstraint("account_id", "region_id"),
        UniqueConstraint("account_id", "branch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))


class StaffInvitation(Base):
    """A letter that lets one person set a password, once."""

    __tablename__ = "staff_invitation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class StaffRecoveryCode(Base):
    """A code that stands in for a lost telephone once. `digest` is all that is kept of it."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"))
    digest: Mapped[str]
    used_at: Mapped[dt.datetime | None]


class StaffPasskey(Base):
    """A passkey: what a browser calls it, and the public half of its key (both base64url).

    `sign_count` is what its authenticator has counted up to; those that are kept in step over
    several devices count nothing and say 0.
    """

    __tablename__ = "staff_passkey"
    __table_args__ = (CheckConstraint("sign_count >= 0", "sign_count_counted"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigInteger)  # 32 bits without a sign
    name: Mapped[str]
    made_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class StaffChallenge(Base):
    """A challenge to a passkey that was answered, until it is too old to be answered again."""

    __tablename__ = "staff_challenge"

    digest: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[dt.datetime] = mapped_column(index=True)


class StaffDevice(Base):
    """A browser on which somebody has signed in whole; it holds the token of `digest`."""

    __tablename__ = "staff_device"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"))
    digest: Mapped[str] = mapped_column(index=True)
    browser: Mapped[str]
    system: Mapped[str]
    first_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]


class StaffSession(Base):
    """A sign-in under way or done; the browser's cookie holds the token of `digest`.

    `stage` is `enrol` while the password alone was given and there is no second factor yet, `code`
    while that is awaited, `full` behind both. `new_secret` is a sealed secret on trial.
    """

    __tablename__ = "staff_session"
    __table_args__ = (
        CheckConstraint(_one_of("stage", STAGES), "stage_known"),
        Index("ix_staff_session_account_id_ended_at", "account_id", "ended_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"))
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_device.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[str]
    new_secret: Mapped[str | None]
    begun_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    account: Mapped[StaffAccount] = relationship()
    device: Mapped[StaffDevice | None] = relationship()


class StaffThrottle(Base):
    """How often something failed under a key, and until when it is not tried again."""

    __tablename__ = "staff_throttle"
    __table_args__ = (CheckConstraint("failures >= 0", "failures_counted"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(index=True)
    until: Mapped[dt.datetime]


class AuditEntry(Base):
    """What somebody on the staff did. Rows are only ever added; the database refuses the rest.

    There is nothing personal in it but ids: `subject_kind` and `subject_id` name the row that it
    was done to, and `detail` is a word of ours.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), "kind_known"),
        CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", "subject_is_whole"),
        Index(None, "subject_kind", "subject_id", "id"),
        Index(None, "account_id", "id"),
        Index(None, "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    kind: Mapped[str]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_account.id"))
    subject_kind: Mapped[str | None]
    subject_id: Mapped[str | None]
    detail: Mapped[str]
