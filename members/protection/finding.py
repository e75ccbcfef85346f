"""Finding out who is meant: by e-mail address, telephone number, our ids or payment reference."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core import fingerprints
from core.addresses import EmailAddress, NotAnEmailAddress, NotAPhoneNumber, PhoneNumber
from core.protection import Person
from members.merging import pointers
from members.merging.models import MergedMember
from members.models import EmailChange, Member, MemberPledge
from payments.models import Payment, Pledge
from payments.offline.givers import fold

_REFERENCE = 8
_UUID = 32


class NobodyMeant(ValueError):
    """We hold nothing under what was given."""


class SeveralMeant(ValueError):
    """More than one person is meant; `ids` are those to choose from."""

    def __init__(self, ids: Collection[uuid.UUID]) -> None:
        super().__init__("means more than one person")
        self.ids = sorted(ids)


def find(session: Session, text: str, *, keys: Sequence[str]) -> Person:
    """Return whom an address, a number, a member's id or a payment's reference means.

    Raises:
        NobodyMeant: nobody is known by it.
        SeveralMeant: people share the address, or the short reference; an id says which.
    """
    given = text.strip()
    if "@" in given:
        return _at_address(session, given, keys)
    bare = given.replace("-", "").lower()
    if len(bare) in (_REFERENCE, _UUID) and set(bare) <= set("0123456789abcdef"):
        return _by_id(session, bare, keys)
    try:
        return Person(phones=frozenset([PhoneNumber.parse(given).e164]))
    except NotAPhoneNumber:
        raise NobodyMeant("is neither an address, a number, an id nor a reference") from None


def holder(session: Session, email_key: str, *, keys: Sequence[str]) -> Person:
    """Return who reads the mail of an address, and opened a link that was sent there.

    That proves the address and no more: the telephone number that somebody typed may be another's,
    so what was texted from it is left to the office, which can ask.

    Raises:
        SeveralMeant: people share the address, and each has a right to their own alone.
    """
    return _everything_at(session, email_key, keys, owner=True)


def _at_address(session: Session, text: str, keys: Sequence[str]) -> Person:
    try:
        key = EmailAddress.parse(text).key
    except NotAnEmailAddress:
        raise NobodyMeant("is no e-mail address") from None
    return _everything_at(session, key, keys)


def _by_id(session: Session, digits: str, keys: Sequence[str]) -> Person:
    fill = _UUID - len(digits)
    first, last = uuid.UUID(digits + "0" * fill), uuid.UUID(digits + "f" * fill)
    member = session.get(Member, pointers.current(session, first)) if not fill else None
    if member is not None:
        return _one_of(session, member.email_key, member.name, keys)
    within = or_(
        Pledge.id.between(first, last),
        Pledge.id.in_(select(Payment.pledge_id).where(Payment.id.between(first, last))),
    )
    pledges = session.scalars(select(Pledge).where(within)).all()
    if not pledges:
        raise NobodyMeant("is no id of ours")
    if len({pledge.email_key for pledge in pledges}) > 1:
        raise SeveralMeant([pledge.id for pledge in pledges])
    pledge = pledges[0]
    return _one_of(session, pledge.email_key, pledge.name, keys)


def _one_of(session: Session, email_key: str, name: str, keys: Sequence[str]) -> Person:
    """Return one of those at an address, by the name."""
    try:
        return _everything_at(session, email_key, keys)
    except SeveralMeant:
        return _narrowed(session, email_key, name)


def _everything_at(
    session: Session, email_key: str, keys: Sequence[str], *, owner: bool = False
) -> Person:
    """Return whom an address means, with all that records of theirs brought that are gone now.

    To its `owner`, who has proved this address and no other, nothing leads from one of those.
    """
    members = _at(session, {email_key})
    if not owner:
        members += _who_were(session, email_key)
    known_as = _keys(email_key, members, pointers.formerly(session, _ids(members, ())))
    members = list({each.id: each for each in (*members, *_at(session, known_as))}.values())
    if len({(fold(each.name), each.date_of_birth) for each in members}) > 1:
        raise SeveralMeant([each.id for each in members])
    merged = pointers.formerly(session, _ids(members, ()))
    known_as = _keys(email_key, members, merged)
    former = _former(session, members)
    printed = [
        f"erased:{each}" for key in sorted(known_as) for each in fingerprints.of_email(key, keys)
    ]
    emails = frozenset((*known_as, *printed))
    pledges = session.scalars(
        select(Pledge).where(or_(Pledge.email_key.in_(emails), Pledge.id.in_(_dues_of(members))))
    ).all()
    return Person(
        emails=emails | former.keys(),
        addresses=_spellings(known_as, members, pledges, merged) | frozenset(former.values()),
        phones=frozenset() if owner else _phones(members, merged),
        members=_ids(members, merged),
        pledges=frozenset(each.id for each in pledges),
    )


def _former(session: Session, members: Sequence[Member]) -> dict[str, str]:
    """Return the addresses that were theirs before, key and spelling: those at which nobody is now.

    What went there while it was theirs is theirs; somebody else may have the address since.
    """
    changed = select(EmailChange).where(
        EmailChange.member_id.in_([each.id for each in members]),
        EmailChange.confirmed_at.is_not(None),
        ~select(Member.id).where(Member.email_key == EmailChange.old_key).exists(),
        ~select(Pledge.id).where(Pledge.email_key == EmailChange.old_key).exists(),
    )
    return {each.old_key: each.old_email for each in session.scalars(changed)}


def _narrowed(session: Session, email_key: str, name: str) -> Person:
    """Return one of several who share an address: what is under the same name."""
    everybody = [*_at(session, {email_key}), *_who_were(session, email_key)]
    others = {each.dues_pledge_id for each in everybody if fold(each.name) != fold(name)}
    members = [each for each in everybody if fold(each.name) == fold(name)]
    former = pointers.formerly(session, _ids(members, ()))
    names = {fold(name), *(fold(each.said["name"]) for each in former)}
    known_as = _keys(email_key, members, former)
    given = session.scalars(select(Pledge).where(Pledge.email_key.in_(known_as))).all()
    pledges = [each for each in given if fold(each.name) in names and each.id not in others]
    dues = session.scalars(_dues_of(members)).all()
    return Person(
        addresses=_spellings(known_as, members, pledges, former),
        phones=_phones(members, former),
        members=_ids(members, former),
        pledges=frozenset((*(each.id for each in pledges), *dues)),
        alone=False,
    )


def _keys(email_key: str, members: Sequence[Member], former: Sequence[MergedMember]) -> set[str]:
    theirs = {each.email_key for each in members}
    return {email_key, *theirs, *(each.email_key for each in former)}


def _at(session: Session, known_as: Collection[str]) -> list[Member]:
    return list(session.scalars(select(Member).where(Member.email_key.in_(known_as))))


def _who_were(session: Session, email_key: str) -> list[Member]:
    kept = pointers.known_by(session, email_key)
    return list(session.scalars(select(Member).where(Member.id.in_(kept)))) if kept else []


def _dues_of(members: Sequence[Member]) -> Select[uuid.UUID]:
    """Find every agreement of dues that is or was these members'."""
    ids = [each.id for each in members]
    return select(MemberPledge.pledge_id).where(MemberPledge.member_id.in_(ids))


def _phones(members: Sequence[Member], former: Sequence[MergedMember]) -> frozenset[str]:
    found = (*(each.phone for each in members), *(each.said["phone"] for each in former))
    return frozenset(each for each in found if each)


def _ids(members: Sequence[Member], former: Sequence[MergedMember]) -> frozenset[uuid.UUID]:
    return frozenset((*(each.id for each in members), *(each.lost_id for each in former)))


def _spellings(
    known_as: Collection[str],
    members: Sequence[Member],
    pledges: Sequence[Pledge],
    former: Sequence[MergedMember],
) -> frozenset[str]:
    found = (
        *(each.email for each in members),
        *(each.email for each in pledges),
        *(each.said["email"] for each in former),
        *(each for each in known_as if "@" in each),
    )
    return frozenset(each for each in found if each)
