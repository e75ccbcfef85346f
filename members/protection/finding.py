"""Finding out who is meant: by e-mail address, telephone number, our ids or payment reference."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import fingerprints
from core.addresses import EmailAddress, NotAnEmailAddress, NotAPhoneNumber, PhoneNumber
from core.protection import Person
from members.models import EmailChange, Member
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
    return _everything_at(session, email_key, keys, with_phones=False)


def _at_address(session: Session, text: str, keys: Sequence[str]) -> Person:
    try:
        key = EmailAddress.parse(text).key
    except NotAnEmailAddress:
        raise NobodyMeant("is no e-mail address") from None
    return _everything_at(session, key, keys)


def _by_id(session: Session, digits: str, keys: Sequence[str]) -> Person:
    fill = _UUID - len(digits)
    first, last = uuid.UUID(digits + "0" * fill), uuid.UUID(digits + "f" * fill)
    member = session.get(Member, first) if not fill else None
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
    session: Session, email_key: str, keys: Sequence[str], *, with_phones: bool = True
) -> Person:
    fingerprinted = [f"erased:{each}" for each in fingerprints.of_email(email_key, keys)]
    known_as = frozenset([email_key, *fingerprinted])
    members = session.scalars(select(Member).where(Member.email_key == email_key)).all()
    if len({(fold(each.name), each.date_of_birth) for each in members}) > 1:
        raise SeveralMeant([each.id for each in members])
    pledges = session.scalars(select(Pledge).where(Pledge.email_key.in_(known_as))).all()
    former = _former(session, members)
    return Person(
        emails=known_as | former.keys(),
        addresses=_spellings(email_key, members, pledges) | frozenset(former.values()),
        phones=frozenset(each.phone for each in members if each.phone and with_phones),
        members=frozenset(each.id for each in members),
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
    everybody = session.scalars(select(Member).where(Member.email_key == email_key)).all()
    others = {each.dues_pledge_id for each in everybody if fold(each.name) != fold(name)}
    members = [each for each in everybody if fold(each.name) == fold(name)]
    given = session.scalars(select(Pledge).where(Pledge.email_key == email_key)).all()
    pledges = [each for each in given if fold(each.name) == fold(name) and each.id not in others]
    return Person(
        addresses=_spellings(email_key, members, pledges),
        phones=frozenset(each.phone for each in members if each.phone),
        members=frozenset(each.id for each in members),
        pledges=frozenset(each.id for each in pledges) | {each.dues_pledge_id for each in members},
        alone=False,
    )


def _spellings(
    email_key: str, members: Sequence[Member], pledges: Sequence[Pledge]
) -> frozenset[str]:
    found = [each.email for each in members] + [each.email for each in pledges]
    spelled = {each for each in found if each}
    return frozenset(spelled | {email_key} if "@" in email_key else spelled)
