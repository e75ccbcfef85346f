"""Exporting: the people that a list shows as rows to take out, written down with why and how many.

Rows are read a batch at a time, each in a transaction of its own: a list of any length takes as
much memory as one batch, and nobody's slow line keeps one open.
"""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from branches.models import Branch, Region
from core import fingerprints
from core.clock import day_in_london
from core.spreadsheets import harmless
from core.suppression import Suppression
from members.desk import filters as filtering
from members.desk import listing
from members.desk.filters import Filters
from members.desk.person import number_of
from members.models import CHANNELS, Consent, Member
from members.records import PeopleExport
from staff import taking
from staff.principal import Principal
from staff.scoping import scoped

AT_ONCE = 1_000
MOST_LABELS = 1_050
"""Fifty sheets of labels: beyond it a printer's own program does better with the file."""
COLUMNS = (
    *("number", "name", "email", "phone", "address1", "address2", "town", "postcode"),
    *("region", "branch", "state", "applied_on", "joined_on"),
    *(f"news_by_{channel}" for channel in CHANNELS),
)
_READ = (
    *(Member.id, Member.name, Member.email, Member.email_key, Member.phone),
    *(Member.address1, Member.address2, Member.town, Member.postcode),
    *(Member.state, Member.created_at, Member.joined_at, Member.sort_key),
)
_CHUNK = 32 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """A list that may be taken out now, and how many people were on it."""

    id: int
    people: int


def take(
    session: Session,
    principal: Principal,
    kind: str,
    filters: Filters,
    *,
    reason: str,
    nonce: uuid.UUID,
    now: dt.datetime,
) -> Taken | None:
    """Write down that a list is taken out, why, and how many are on it.

    None where this form has taken one out before: whoever wants another says why once more.
    """
    people = listing.count(session, principal, filters, now=now, most=None)
    said = {"kind": kind, "people": people}
    form = taking.Form(reason, nonce, now)
    kept = taking.once(session, principal, PeopleExport, form, said, f"{kind}:{people}")
    if kept is None:
        return None
    return Taken(kept, people)


def rows(
    session: Session,
    principal: Principal,
    filters: Filters,
    *,
    keys: Sequence[str],
    now: dt.datetime,
    at_once: int = AT_ONCE,
) -> Iterator[tuple[object, ...]]:
    """Give a row for each of those whom the filters show, as `COLUMNS` names its cells.

    The session is given back between batches of `at_once`. `keys` are the service's: by them an
    address is known that was unsubscribed.
    """
    last: tuple[str, dt.datetime, uuid.UUID] | None = None
    while True:
        people = _batch(session, principal, filters, last, now, at_once)
        agreed = _agreed(session, principal, people, keys)
        session.close()
        for each in people:
            yield _row(each, agreed)
        if len(people) < at_once:
            return
        last = (people[-1].sort_key, people[-1].created_at, people[-1].id)


def lines(cells: Iterable[Sequence[object]]) -> Iterator[str]:
    """Give the lines of a CSV file, its head first (RFC 4180); no cell of it is a formula."""
    written = io.StringIO()
    write = csv.writer(written).writerow
    write(COLUMNS)
    for each in cells:
        write([harmless(cell) for cell in each])
        if written.tell() > _CHUNK:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()


def labels(
    session: Session, principal: Principal, filters: Filters, *, now: dt.datetime
) -> list[list[str]]:
    """Return the lines of each label, of so many people at most as fit on fifty sheets."""
    wanted = filtering.narrow(
        select(Member.name, Member.address1, Member.address2, Member.town, Member.postcode),
        filters,
        now=now,
    )
    wanted = filtering.after(wanted, filters, None).limit(MOST_LABELS)
    found = session.execute(scoped(wanted, principal))
    return [[line for line in row if line] for row in found]


def taken_out(session: Session, *, most: int = 50) -> Sequence[PeopleExport]:
    """Return the lists that were taken out, the newest first, for admins to read."""
    newest = select(PeopleExport).order_by(PeopleExport.id.desc()).limit(most)
    return session.scalars(newest).all()


def _batch(
    session: Session,
    principal: Principal,
    filters: Filters,
    last: tuple[str, dt.datetime, uuid.UUID] | None,
    now: dt.datetime,
    at_once: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    wanted = (
        select(*_READ, Branch.name.label("branch"), Region.name.label("region"))
        .outerjoin(Branch, Branch.id == Member.branch_id)
        .outerjoin(Region, Region.id == Member.region_id)
    )
    wanted = filtering.after(filtering.narrow(wanted, filters, now=now), filters, last)
    return session.execute(scoped(wanted.limit(at_once), principal)).all()


def _agreed(
    session: Session,
    principal: Principal,
    people: Sequence[Row[*tuple[Any, ...]]],
    keys: Sequence[str],
) -> set[tuple[uuid.UUID, str]]:
    """Return who has agreed to news by which channel: by the newest answer, as `consenting` has it.

    One about e-mail does not hold for an address that was unsubscribed.
    """
    ids = [each.id for each in people]
    answers = (
        select(Consent.member_id, Consent.channel, Consent.given)
        .where(Consent.member_id.in_(ids))
        .order_by(Consent.id)
    )
    told = session.execute(scoped(answers, principal))
    held = {(row.member_id, row.channel): row.given for row in told}
    known_as = {
        each_hash: each.id
        for each in people
        if held.get((each.id, "email"))
        for each_hash in fingerprints.of_email(each.email_key, keys)
    }
    gone = select(Suppression.address_hash).where(Suppression.address_hash.in_(known_as))
    for each_hash in session.scalars(gone):
        held[known_as[each_hash], "email"] = False
    return {key for key, given in held.items() if given}


def _row(each: Row[*tuple[Any, ...]], agreed: set[tuple[uuid.UUID, str]]) -> tuple[object, ...]:
    return (
        number_of(each.id),
        *(each.name, each.email, _dialled(each.phone)),
        *(each.address1, each.address2, each.town, each.postcode),
        *(each.region, each.branch, each.state),
        day_in_london(each.created_at),
        day_in_london(each.joined_at) if each.joined_at else None,
        *("yes" if (each.id, channel) in agreed else "no" for channel in CHANNELS),
    )


def _dialled(phone: str | None) -> str | None:
    """Return a number as it is dialled in Britain, with a space so that it stays text."""
    if phone is None or not phone.startswith("+44"):
        return phone
    return f"0{phone[3:7]} {phone[7:]}"
