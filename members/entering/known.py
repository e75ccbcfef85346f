"""Known: who of those to be entered is there already, in our books or earlier in the same file.

Somebody is the same person by the number that the organisation's books call them by; by e-mail
address with the name or the date of birth; by telephone number or name and postcode, each with the
date of birth. Who is merely alike (a couple with one address, a father and a son of one name) is
entered, and kept for an organiser to look at (`members.entering.alike`).
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from members.entering.fields import Entrant
from members.entering.models import EnteredMember
from members.likeness import folded
from members.merging.models import MergedMember
from members.models import Member

Trait = tuple[object, ...]


def traits(entrant: Entrant) -> Iterator[Trait]:
    """Give everything by any of which somebody is the same person."""
    if entrant.number:
        yield ("number", entrant.number)
    yield from _traits(
        entrant.email_key,
        entrant.phone,
        entrant.name,
        entrant.postcode,
        entrant.date_of_birth,
    )


def find(session: Session, entrants: Sequence[Entrant]) -> dict[Trait, uuid.UUID]:
    """Return the members who are there by the traits that any of these people may share.

    Who only sent the form and never paid is nobody's likeness, unless the office entered them.
    """
    numbers = [each.number for each in entrants if each.number]
    emails = [each.email_key for each in entrants if each.email_key]
    phones = [each.phone for each in entrants if each.phone]
    postcodes = list({each.postcode for each in entrants})
    found: dict[Trait, uuid.UUID] = {}
    entered = exists().where(EnteredMember.member_id == Member.id)
    people = select(
        Member.id,
        Member.email_key,
        Member.phone,
        Member.name,
        Member.postcode,
        Member.date_of_birth,
    ).where(or_(Member.state != "applied", entered))
    born = Member.date_of_birth.in_({each.date_of_birth for each in entrants})
    for which in (  # one by one, since each has an index of its own
        Member.email_key.in_(emails),
        and_(Member.phone.in_(phones), born),
        and_(Member.postcode.in_(postcodes), born),
    ):
        for row in session.execute(people.where(which)):
            found |= dict.fromkeys(_traits(*row[1:]), row.id)
    by_number = select(EnteredMember.number, EnteredMember.member_id).where(
        EnteredMember.number.in_(numbers)
    )
    found |= {("number", row.number): row.member_id for row in session.execute(by_number)}
    return found | _merged(session, emails)


def _merged(session: Session, emails: Sequence[str]) -> dict[Trait, uuid.UUID]:
    """Return likewise who became one with somebody: they are known by what they said before."""
    found: dict[Trait, uuid.UUID] = {}
    rows = select(MergedMember).where(MergedMember.email_key.in_(emails))
    for each in session.scalars(rows):
        said = each.said
        born = dt.date.fromisoformat(said["date_of_birth"])
        mine = _traits(each.email_key, said["phone"], said["name"], said["postcode"], born)
        found |= dict.fromkeys(mine, each.kept_id)
    return found


def _traits(
    email_key: str | None, phone: str | None, name: str, postcode: str, born: dt.date
) -> Iterator[Trait]:
    called = folded(name)
    if email_key:
        yield ("email", email_key, born)
        yield ("email", email_key, called)
    if phone:
        yield ("phone", phone, born)
    yield ("name", called, postcode, born)
