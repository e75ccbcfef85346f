"""Accounts: found, looked at, revoked, given another role or scope."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from core import outbox
from staff import auditing, passkeys, sessions
from staff.models import AuditEntry, StaffAccount, StaffScope
from staff.principal import Principal, Role


class NoScope(ValueError):
    """An organiser needs a region or a branch to look after; nobody else has any."""


class LastAdmin(ValueError):
    """Without this account nobody could invite anybody."""


class ChangedMeanwhile(Exception):
    """Somebody has changed what the account may do since a page of it was made: who, and how."""

    def __init__(self, last: AuditEntry | None) -> None:
        super().__init__("was changed meanwhile")
        self.by, self.what = (last.account_id, last.detail) if last else (None, "")


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is invited to do: a role, and for organisers where."""

    role: Role
    regions: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()

    def check(self) -> None:
        """See that organisers, and they alone, have somewhere to look after.

        Raises:
            NoScope: where it is not so.
        """
        if (self.role is Role.ORGANISER) is not bool(self.regions or self.branches):
            raise NoScope(self.role)


PAGE = 50
"""So many accounts are shown at a time."""


def by_email(session: Session, email_key: str) -> StaffAccount | None:
    """Return the account of an address, revoked or not."""
    return session.scalars(
        select(StaffAccount).where(StaffAccount.email_key == email_key)
    ).one_or_none()


def locked(session: Session, account_id: uuid.UUID) -> StaffAccount | None:
    """Return an account, locked with every admin.

    All of them in one order, so that of two admins neither waits for the other for ever.
    """
    rows = session.scalars(
        select(StaffAccount)
        .where(or_(StaffAccount.id == account_id, StaffAccount.role == Role.ADMIN))
        .order_by(StaffAccount.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return next((each for each in rows.all() if each.id == account_id), None)


def version(session: Session, account_id: uuid.UUID) -> int:
    """Return the version of what an account may do: the entry of its last change, 0 without one."""
    last = _last_change(session, account_id)
    return last.id if last else 0


def as_seen(
    session: Session, account: StaffAccount, seen: int, *, by: uuid.UUID, what: str
) -> bool:
    """Say whether an account, which is locked, is at the version that somebody has seen.

    False where `by` has done the same since, and nobody anything else: the button pressed twice.

    Raises:
        ChangedMeanwhile: it is at another.
    """
    last = _last_change(session, account.id)
    if (last.id if last else 0) == seen:
        return True
    if last is not None and (last.account_id, last.detail) == (by, what):
        return False
    raise ChangedMeanwhile(last)


def _last_change(session: Session, account_id: uuid.UUID) -> AuditEntry | None:
    """Return the last entry of what others decided about an account."""
    decided = or_(
        AuditEntry.detail.in_(("invited", "revoked")), AuditEntry.detail.startswith("role:")
    )
    return session.scalar(
        select(AuditEntry)
        .where(
            AuditEntry.subject_kind == "staff",
            AuditEntry.subject_id == str(account_id),
            AuditEntry.kind == "change",
            decided,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )


def page(session: Session, *, after: uuid.UUID | None = None) -> Sequence[StaffAccount]:
    """Return a page of accounts and one more, those that are revoked last.

    It begins behind one of them; where that is none of ours, it is the first.
    """
    revoked, key = StaffAccount.revoked_at.is_not(None), StaffAccount.email_key
    wanted = select(StaffAccount).order_by(revoked, key).limit(PAGE + 1)
    last = session.get(StaffAccount, after) if after is not None else None
    if last is not None:
        behind = key > last.email_key
        wanted = wanted.where(revoked & behind if last.revoked_at else revoked | behind)
    some = (selectinload(StaffAccount.scopes), selectinload(StaffAccount.passkeys))
    return session.scalars(wanted.options(*some)).all()


def names(session: Session) -> dict[uuid.UUID, str]:
    """Return by what the holders of all accounts are known, those that are revoked last."""
    wanted = select(StaffAccount.id, StaffAccount.email)
    ordered = wanted.order_by(StaffAccount.revoked_at.is_not(None), StaffAccount.email_key)
    return {row.id: row.email for row in session.execute(ordered)}


def principal(account: StaffAccount) -> Principal:
    """Return who this account is at the desk."""
    return Principal(
        account_id=account.id,
        email=account.email,
        role=Role(account.role),
        regions=frozenset(each.region_id for each in account.scopes if each.region_id is not None),
        branches=frozenset(each.branch_id for each in account.scopes if each.branch_id is not None),
    )


def post_of(account: StaffAccount) -> Post:
    """Return the role and scope of an account."""
    found = principal(account)
    return Post(found.role, found.regions, found.branches)


def appoint(
    session: Session,
    account: StaffAccount,
    post: Post,
    *,
    by: uuid.UUID | None,
    now: dt.datetime,
) -> None:
    """Give an account another role or scope; what it may do changes with its next request.

    Raises:
        NoScope: for an organiser of nowhere, and for a place given to anybody else.
        LastAdmin: for the only admin there is, who would be none.
    """
    post.check()
    if post.role is not Role.ADMIN:
        _keep_an_admin(session, account)
    account.role = post.role
    _move(account, post)
    subject = auditing.Subject("staff", account.id)
    auditing.record(session, "change", by=by, now=now, subject=subject, detail=f"role:{post.role}")


def revoke(
    session: Session, account: StaffAccount, *, by: uuid.UUID | None, now: dt.datetime
) -> None:
    """Take an account back: nothing of it opens anything from this moment on.

    Raises:
        LastAdmin: for the only admin there is.
    """
    _keep_an_admin(session, account)
    account.revoked_at = account.revoked_at or now
    account.password_hash = account.totp_secret = account.totp_step = None
    sessions.end_all(session, account.id, now=now)
    passkeys.forget_all(session, account)
    subject = auditing.Subject("staff", account.id)
    auditing.record(session, "change", by=by, now=now, subject=subject, detail="revoked")


def tell(
    session: Session, account: StaffAccount, what: str, *, now: dt.datetime, key: str = ""
) -> None:
    """Write to somebody what became of their account; of one `key` once."""
    name = key or str(uuid.uuid4())
    outbox.mail(
        session,
        "staff_notice",
        key=f"staff-{what}:{account.id}:{name}",
        to=account.email,
        values={"what": what, "at": now.isoformat()},
        now=now,
    )


def _move(account: StaffAccount, post: Post) -> None:
    """Give an account the places of a post; a row for a place it had already stays."""
    wanted = {(each, None) for each in post.regions} | {(None, each) for each in post.branches}
    for row in list(account.scopes):
        place = (row.region_id, row.branch_id)
        if place in wanted:
            wanted.remove(place)
        else:
            account.scopes.remove(row)
    for region_id, branch_id in sorted(wanted, key=str):
        account.scopes.append(StaffScope(region_id=region_id, branch_id=branch_id))


def _keep_an_admin(session: Session, account: StaffAccount) -> None:
    """Refuse to do without the only admin who can sign in; two who try at once wait in turn."""
    admins = session.scalars(
        select(StaffAccount)
        .where(
            StaffAccount.role == Role.ADMIN,
            StaffAccount.revoked_at.is_(None),
            or_(StaffAccount.totp_secret.is_not(None), StaffAccount.passkeys.any()),
        )
        .order_by(StaffAccount.id)
        .with_for_update()
    ).all()
    if [each.id for each in admins] == [account.id]:
        raise LastAdmin


def addresses(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return by what the holders of accounts are known to one another, by their ids."""
    wanted = select(StaffAccount.id, StaffAccount.email).where(StaffAccount.id.in_(set(ids)))
    return {row.id: row.email for row in session.execute(wanted)}
