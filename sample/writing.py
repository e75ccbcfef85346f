"""Writing: made-up members into the tables, many at a time, as the services would leave them."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from branches.locator import Placed
from core.addresses import EmailAddress
from core.database import Base
from core.money import Money
from core.organisation import Rate
from core.outbox import OutboxMail
from members import searching
from members.models import Consent, Member, MemberPledge, MembershipEvent
from members.searching import MemberWord
from members.standing import reminding
from payments import searching as of_givers
from payments.models import Pledge, PledgeWord
from sample import NONCE
from sample.lives import Life
from sample.money import Paid
from sample.people import Somebody, ident

AT_ONCE = 5_000
_GIVEN = 0.55
_LETTER_LEFT = dt.timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Joiner:
    """Somebody who joined, or set out to: who they are, what became of it, where, at which rate."""

    who: Somebody
    life: Life
    placed: Placed
    rate: Rate
    pledge_id: uuid.UUID
    nonce: str


def rows_in(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns, a few thousand at a time."""
    for first in range(0, len(rows), AT_ONCE):
        session.execute(insert(table), rows[first : first + AT_ONCE])


def pledge(joiner: Joiner, title: str) -> dict[str, Any]:
    """Return the row of somebody's agreement of dues."""
    life = joiner.life
    return {
        "id": joiner.pledge_id,
        "kind": "dues",
        "state": "paid" if life.dues else "not-taken",
        "amount_pence": joiner.rate.amount.pence,
        "title": title,
        "name": joiner.who.name,
        "email": joiner.who.email,
        "email_key": EmailAddress.parse(joiner.who.email).key,
        "postcode": joiner.placed.postcode,
        "message": "",
        "display": "anonymous",
        "source": "",
        "form_nonce": joiner.nonce,
        "created_at": life.applied_at,
        "stopped_at": life.left_at,
    }


def member(joiner: Joiner) -> dict[str, Any]:
    """Return the row of a member."""
    who, life, placed = joiner.who, joiner.life, joiner.placed
    return {
        "id": who.id,
        "state": life.state,
        "name": who.name,
        "email": who.email,
        "email_key": EmailAddress.parse(who.email).key,
        "phone": who.phone,
        "date_of_birth": who.born,
        "address1": who.address,
        "address2": "",
        "town": who.town,
        "postcode": placed.postcode,
        "precision": placed.precision.value,
        "branch_id": placed.branch.id if placed.branch else None,
        "region_id": placed.region.id if placed.region else None,
        "rate": joiner.rate.slug,
        "dues_pledge_id": joiner.pledge_id,
        "form_nonce": joiner.nonce,
        "created_at": life.applied_at,
        "joined_at": life.joined_at,
        "email_confirmed_at": life.joined_at,
    }


def events(joiner: Joiner) -> Iterator[dict[str, Any]]:
    """Go through the rows of what became of a membership."""
    for event in joiner.life.events:
        yield {
            "member_id": joiner.who.id,
            "from_state": event.before,
            "to_state": event.after,
            "at": event.at,
            "why": event.why,
            "who": event.who,
            "kind": event.kind,
        }


def consents(joiner: Joiner, rng: Random, wordings: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Go through the rows of what somebody answered about each channel."""
    for channel, wording in wordings.items():
        yield {
            "member_id": joiner.who.id,
            "channel": channel,
            "given": rng.random() < _GIVEN,
            "wording": wording,
            "at": joiner.life.applied_at,
            "source": "join form",
        }


def letters(joiner: Joiner, rng: Random, since: dt.datetime) -> Iterator[dict[str, Any]]:
    """Go through the rows of reminders, all of which have left; those before `since` are empty."""
    who = joiner.who
    for at, reminder in joiner.life.letters:
        row = reminding.letter(reminder, who.name, who.email, ident(rng), at)
        kept = at > since
        yield row | {
            "recipient": who.email if kept else "",
            "values": row["values"] if kept else {},
            "message_id": str(ident(rng)),
            "due_at": None,
            "attempts": 1,
            "done_at": at + _LETTER_LEFT,
        }


def write(
    session: Session,
    joiners: Sequence[Joiner],
    rng: Random,
    *,
    title: str,
    wordings: dict[str, str],
    letters_since: dt.datetime,
) -> None:
    """Write members, their agreements, histories, answers and letters."""
    agreed = [pledge(each, title) for each in joiners]
    rows_in(session, Pledge, agreed)
    rows_in(session, PledgeWord, [row for each in agreed for row in of_givers.words_of(each)])
    people = [member(each) for each in joiners]
    rows_in(session, Member, people)
    rows_in(session, MemberWord, [row for each in people for row in searching.words_of(each)])
    agreements = [
        {"pledge_id": each.pledge_id, "member_id": each.who.id, "since": each.life.applied_at}
        for each in joiners
    ]
    rows_in(session, MemberPledge, agreements)
    rows_in(session, MembershipEvent, [row for each in joiners for row in events(each)])
    told = [row for each in joiners for row in consents(each, rng, wordings)]
    rows_in(session, Consent, told)
    sent = [row for each in joiners for row in letters(each, rng, letters_since)]
    rows_in(session, OutboxMail, sent)


def dues(joiners: Sequence[Joiner]) -> Iterator[Paid]:
    """Go through what members paid, each with its place among the payments of its agreement."""
    for each in joiners:
        for number, (day, months) in enumerate(each.life.dues, 1):
            amount = Money(each.rate.amount.pence * months)
            yield Paid(each.pledge_id, "dues", number, day, amount, each.life.method, each.nonce)


def nonce(serial: int) -> str:
    """Return the number of a form that nobody sent."""
    return f"{NONCE}{serial}"
