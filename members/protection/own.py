"""What this room, and what every room stands on, hold about people."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, false, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import fingerprints, walking
from core.database import Base
from core.links import AccessLink
from core.outbox import OutboxMail
from core.protection import Erased, Erasing, Keeper, Lapse, Person
from core.retention import Retention
from core.suppression import Suppression, suppress
from members.models import EmailChange, LinkRequest, Member, MembershipEvent
from members.protection.models import Erasure, PrivacyRequest
from members.protection.purposes import PURPOSES
from payments.models import Payment, Pledge

# The letters to others that tell of a member, by their keys.
TOLD_OF = ("new-member:{}", "applicant:{}", "declined-applicant:{}")
# Likewise by how their keys begin: to both regions of who moves, and to an address of theirs that
# is no longer in their row.
_BEGIN = ("moved-member:{}:", "address-changed:{}:")
_UNPAID = ("pending", "not-taken")


def keeper(keys: Sequence[str]) -> Keeper:
    """Return this room's part. `keys` are the service's, newest first."""

    def roots(session: Session, person: Person) -> Mapping[str, Iterable[object]]:
        return {
            "member": person.members,
            "outbox_mail": letters(session, person),
            "access_link": _ids(session, AccessLink.id, AccessLink.email, person),
            "link_request": _ids(session, LinkRequest.id, LinkRequest.email_key, person),
            "privacy_request": _ids(session, PrivacyRequest.id, PrivacyRequest.email_key, person),
            "suppression": _ids(session, Suppression.id, Suppression.address_hash, person, keys),
            "erasure": _ids(session, Erasure.id, Erasure.known_as, person, keys),
        }

    def forget(session: Session, person: Person, how: Erasing, erased: Erased) -> None:
        for each in _hashes(person, keys[:1]):
            suppress(session, each, source="erased", now=how.now)
        _erase(session, person, erased)

    return Keeper(
        purposes=PURPOSES,
        without=("retention_run",),
        roots=roots,
        hindrances=_nothing,
        erase=forget,
        lapses=LAPSES,
    )


def letters(session: Session, person: Person) -> list[int]:
    """Return the letters to somebody, and those that told others of them.

    Of an address that is shared, those about one of them are told by the ids in their keys.
    """
    told = [each.format(member) for member in person.members for each in TOLD_OF]
    found = session.execute(
        select(OutboxMail.id, OutboxMail.key, OutboxMail.recipient).where(
            OutboxMail.recipient.in_(person.addresses)
            | OutboxMail.key.in_(told)
            | or_(
                false(),
                *(
                    OutboxMail.key.startswith(begin.format(each))
                    for each in person.members
                    for begin in _BEGIN
                ),
            )
        )
    ).all()
    if person.alone:
        return [row.id for row in found]
    paid = session.scalars(select(Payment.id).where(Payment.pledge_id.in_(person.pledges)))
    ids = [str(each) for each in (*person.members, *person.pledges, *paid)]
    return [row.id for row in found if any(each in row.key for each in ids)]


def _hashes(person: Person, keys: Sequence[str]) -> list[str]:
    addresses = [each for each in person.emails if "@" in each]
    return [known_as for each in addresses for known_as in fingerprints.of_email(each, keys)]


def _ids(
    session: Session,
    wanted: InstrumentedAttribute[Any],
    column: InstrumentedAttribute[str],
    person: Person,
    keys: Sequence[str] | None = None,
) -> list[object]:
    """Return the ids of rows under somebody's addresses, or under their fingerprints."""
    known_as = person.emails if keys is None else _hashes(person, keys)
    return list(session.scalars(select(wanted).where(column.in_(known_as))))


def _nothing(_session: Session, _person: Person, _now: dt.datetime) -> Sequence[str]:
    return ()


def _erase(session: Session, person: Person, erased: Erased) -> None:
    """Delete the members with all that hangs on them; empty the letters, drop the links."""
    erased.count("letters", empty_letters(session, letters(session, person)))
    for table in (AccessLink.email, LinkRequest.email_key):
        gone = delete(table.class_).where(table.in_(person.emails)).returning(table)
        erased.count("links", len(session.scalars(gone).all()))
    done = delete(PrivacyRequest).where(
        PrivacyRequest.email_key.in_(person.emails), PrivacyRequest.done_at.is_not(None)
    )
    erased.count("requests", len(session.scalars(done.returning(PrivacyRequest.id)).all()))
    erased.count("memberships", delete_members(session, person.members))


def empty_letters(session: Session, wanted: Sequence[int]) -> int:
    """Empty letters, sent or not; their keys stay, so that none of them is written again."""
    emptied = (
        update(OutboxMail)
        .where(OutboxMail.id.in_(wanted), OutboxMail.recipient != "")
        .values(recipient="", values={}, due_at=None)
        .returning(OutboxMail.id)
    )
    return len(session.scalars(emptied).all())


def delete_members(session: Session, wanted: Iterable[uuid.UUID]) -> int:
    """Delete members and everything that hangs on them, whichever room added it."""
    gone = list(wanted)
    named = update(Member).where(Member.rejoins_id.in_(gone))
    session.execute(named.values(rejoins_id=None))  # an application to come back stands by itself
    hanging = walking.walk(session, {"member": gone})
    for table in reversed(Base.metadata.sorted_tables):
        rows = hanging.get(table.name, [])
        for row in rows:
            mine = [column == row[column.name] for column in table.primary_key]
            session.execute(delete(table).where(*mine))
    session.expire_all()
    return len(hanging.get("member", []))


def _before(now: dt.datetime, days: int) -> dt.datetime:
    return now - dt.timedelta(days=days)


def _lapse(
    kind: str,
    column: InstrumentedAttribute[Any],
    over: Callable[[Retention, dt.datetime], ColumnElement[bool]],
    drop: Callable[[Session, Sequence[Any]], int],
) -> Lapse:
    """Make a lapse of rows, known by a column, that a condition finds."""

    def wanted(retention: Retention, now: dt.datetime) -> Select[tuple[Any]]:
        return select(column).where(over(retention, now))

    def due(session: Session, retention: Retention, now: dt.datetime) -> int:
        rows = wanted(retention, now).subquery()
        return session.scalar(select(func.count()).select_from(rows)) or 0

    def run(session: Session, retention: Retention, now: dt.datetime, most: int) -> int:
        return drop(session, session.scalars(wanted(retention, now).limit(most)).all())

    return Lapse(kind, due, run)


def _drop_links(session: Session, wanted: Sequence[Any]) -> int:
    session.execute(delete(AccessLink).where(AccessLink.id.in_(wanted)))
    return len(wanted)


def _drop_requests(session: Session, wanted: Sequence[Any]) -> int:
    session.execute(delete(PrivacyRequest).where(PrivacyRequest.id.in_(wanted)))
    return len(wanted)


def _drop_changes(session: Session, wanted: Sequence[Any]) -> int:
    session.execute(delete(EmailChange).where(EmailChange.id.in_(wanted)))
    return len(wanted)


def _changes_over(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    """Find changes of address that nobody confirmed, and those of which no letter is left."""
    unconfirmed = EmailChange.confirmed_at.is_(None)
    return (unconfirmed & (EmailChange.expires_at <= _before(now, retention.link_days))) | (
        EmailChange.confirmed_at <= _before(now, retention.letter_days)
    )


def _never_paid(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    """Find who set out to join and never paid: their pledge waits for nothing any more."""
    paid = select(Payment.id).where(Payment.pledge_id == Pledge.id).exists()
    unpaid = select(Pledge.id).where(Pledge.state.in_(_UNPAID), ~paid)
    return (
        (Member.state == "applied")
        & (Member.created_at <= _before(now, retention.application_days))
        & Member.dues_pledge_id.in_(unpaid)
    )


def _came_to_nothing(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    """Find who paid and was never a member: declined, taken back, or ended before it began."""
    lately = select(MembershipEvent.id).where(
        MembershipEvent.member_id == Member.id,
        MembershipEvent.at > _before(now, retention.application_days),
    )
    return (Member.state == "left") & Member.joined_at.is_(None) & ~lately.exists()


LAPSES = (
    _lapse("applications never paid", Member.id, _never_paid, delete_members),
    _lapse("applications that came to nothing", Member.id, _came_to_nothing, delete_members),
    _lapse(
        "letters",
        OutboxMail.id,
        lambda kept, now: (
            (OutboxMail.created_at <= _before(now, kept.letter_days))
            & OutboxMail.due_at.is_(None)
            & (OutboxMail.recipient != "")
        ),
        empty_letters,
    ),
    _lapse(
        "links",
        AccessLink.id,
        lambda kept, now: AccessLink.expires_at <= _before(now, kept.link_days),
        _drop_links,
    ),
    _lapse("changes of e-mail address", EmailChange.id, _changes_over, _drop_changes),
    _lapse(
        "requests",
        PrivacyRequest.id,
        lambda kept, now: PrivacyRequest.done_at <= _before(now, kept.request_days),
        _drop_requests,
    ),
)
