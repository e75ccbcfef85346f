"""What this room holds about people: who works for the organisation, and what they did here."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.protection import Erased, Erasing, Keeper, Person, Purpose
from staff.models import AuditEntry, StaffAccount

PURPOSES = (
    Purpose(
        name="accounts of staff",
        what="e-mail address, role and scope; proofs of who they are, none of them readable; "
        "the devices and hours of their sign-ins",
        why="so that only those who may look after people can",
        basis="6(1)(f) legitimate interests: the safety of the members' data",
        special="none",
        source="the organisation's admins, and the person",
        seen_by="admins; the person",
        kept="until the account is revoked and its holder asks; what they did is kept",
        tables=(
            "staff_account",
            "staff_scope",
            "staff_invitation",
            "staff_recovery_code",
            "staff_passkey",
            "staff_device",
            "staff_session",
        ),
    ),
    Purpose(
        name="the audit",
        what="who of the staff looked at, searched, changed or took out what, by ids alone; which"
        " of the admins took a part of it out, and why",
        why="to show that people's data is safe, and to find out where it was not",
        basis="6(1)(c) legal obligation (UK GDPR, article 5(2) and 32)",
        special="none",
        source="the service",
        seen_by="admins; the person looked at, of their own record",
        kept="for good: it names nobody",
        tables=("audit_entry", "audit_export"),
    ),
)
WITHOUT = ("staff_throttle", "staff_challenge", "monthly_figure", "figure_count", "worker_beat")


def _roots(session: Session, person: Person) -> Mapping[str, Iterable[object]]:
    ids = [str(each) for each in (*person.members, *person.pledges)]
    looked_at = select(AuditEntry.id).where(AuditEntry.subject_id.in_(ids))
    return {
        "staff_account": [each.id for each in _accounts(session, person)],
        "audit_entry": session.scalars(looked_at).all(),
    }


def _hindrances(session: Session, person: Person, _now: dt.datetime) -> Sequence[str]:
    works = any(each.revoked_at is None for each in _accounts(session, person))
    return ("staff",) if works else ()


def _erase(session: Session, person: Person, how: Erasing, erased: Erased) -> None:
    """Take the address off a revoked account; the audit goes on speaking of its id."""
    for account in _accounts(session, person):
        account.email, account.email_key = "", how.known_as(account.email_key)
        erased.count("accounts of staff", 1)


def _accounts(session: Session, person: Person) -> Sequence[StaffAccount]:
    wanted = select(StaffAccount).where(StaffAccount.email_key.in_(person.emails))
    return session.scalars(wanted).all()


KEEPER = Keeper(
    purposes=PURPOSES, without=WITHOUT, roots=_roots, hindrances=_hindrances, erase=_erase
)
