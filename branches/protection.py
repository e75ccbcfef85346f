"""What this room holds about people: who texted. The directory names the organisation's own."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText, OutboxText, TextOptOut
from branches.texting import forgetting
from branches.texting.numbers import hashes
from core.clock import day_in_london
from core.protection import Erased, Erasing, Keeper, Lapse, Person, Purpose
from core.retention import Retention

PURPOSES = (
    Purpose(
        name="answering texts",
        what="telephone number, name and postcode of who texted; the text and the reply",
        why="to answer with the nearest branch, and for the region's organiser to ring back; to"
        " remind members who wished to be texted",
        basis="6(1)(f) legitimate interests: they asked; 6(1)(a) consent",
        special="9(2)(d) a political body, those in regular contact with it",
        source="the person, by text",
        seen_by="the region's organiser; the carrier of text messages",
        kept="{text_days} days; then only that somebody asked, when, and what became of it",
        tables=("inbound_text", "enquiry", "outbox_text"),
    ),
    Purpose(
        name="heeding STOP",
        what="a keyed hash of a number that said STOP",
        why="to send nothing more to it",
        basis="6(1)(c) legal obligation (PECR, regulation 22)",
        special="9(2)(d) a political body, those in regular contact with it",
        source="the person, by text",
        seen_by="nobody",
        kept="until the number says START",
        tables=("text_opt_out",),
    ),
    Purpose(
        name="the directory",
        what="addresses and telephone numbers at which branches and regions can be reached; which "
        "of the staff last confirmed or changed them",
        why="so that the public can reach them",
        basis="6(1)(f) legitimate interests: they are published for it",
        special="9(2)(e) made public by the person",
        source="the organisation's own files",
        seen_by="everybody",
        kept="until the organisation takes them out",
        tables=("region", "branch", "branch_confirmation", "directory_change"),
    ),
)
WITHOUT = ("catchment", "directory_state", "text_line_state")


def keeper(keys: Sequence[str], *, also: forgetting.Also) -> Keeper:
    """Return this room's part. `keys` are the service's, by which numbers are hashed.

    `also` forgets what other rooms have written of enquiries, in the same transaction.
    """
    hashed_by = tuple(key.encode() for key in keys)

    def roots(session: Session, person: Person) -> Mapping[str, Iterable[object]]:
        known_as = [each for phone in person.phones for each in hashes(phone, hashed_by)]
        stopped = select(TextOptOut.id).where(TextOptOut.number_hash.in_(known_as))
        return {
            "inbound_text": _texts(session, person, hashed_by),
            "outbox_text": _notices(session, person),
            "text_opt_out": session.scalars(stopped).all(),
        }

    def erase(session: Session, person: Person, _how: Erasing, erased: Erased) -> None:
        texts = [
            each
            for each in _texts(session, person, hashed_by)
            if session.get_one(InboundText, each).sender is not None
        ]
        notices = _notices(session, person)
        forgetting.empty(session, texts, also)
        forgetting.empty_notices(session, notices)
        erased.count("texts", len(texts) + len(notices))

    def run(session: Session, _retention: Retention, now: dt.datetime, most: int) -> int:
        return forgetting.forget(session, today=day_in_london(now), most=most, also=also)

    return Keeper(
        purposes=PURPOSES,
        without=WITHOUT,
        roots=roots,
        hindrances=_nothing,
        erase=erase,
        lapses=(
            Lapse("texts and enquiries", _due, run),
            Lapse("reminders by text", _notices_due, _run_notices),
        ),
    )


def _texts(session: Session, person: Person, keys: tuple[bytes, ...]) -> list[int]:
    known_as = [each for phone in person.phones for each in hashes(phone, keys)]
    if not known_as:
        return []
    mine = or_(InboundText.sender_hash.in_(known_as), Enquiry.phone.in_(person.phones))
    found = select(InboundText.id).outerjoin(Enquiry).where(mine)
    return sorted(set(session.scalars(found)))


def _notices(session: Session, person: Person) -> list[int]:
    """Return the texts to somebody that answered none."""
    mine = OutboxText.recipient.in_(person.phones) & OutboxText.key.is_not(None)
    return list(session.scalars(select(OutboxText.id).where(mine)))


def _nothing(_session: Session, _person: Person, _now: dt.datetime) -> Sequence[str]:
    return ()


def _due(session: Session, _retention: Retention, now: dt.datetime) -> int:
    due = select(func.count()).where(InboundText.forget_on <= day_in_london(now))
    return session.scalar(due) or 0


def _notices_due(session: Session, _retention: Retention, now: dt.datetime) -> int:
    due = select(func.count()).where(OutboxText.forget_on <= day_in_london(now))
    return session.scalar(due) or 0


def _run_notices(session: Session, _retention: Retention, now: dt.datetime, most: int) -> int:
    return forgetting.forget_notices(session, today=day_in_london(now), most=most)
