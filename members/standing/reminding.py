"""Reminding: who falls behind is written to once at each stage, and not while money may come.

The stages are falling into arrears, the last month before a membership lapses, and its lapse. A
letter's key names the month up to which dues were paid, so that who paid and fell behind again is
written to again.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core import outbox
from core.clock import day_in_london
from core.database import insert_each_once
from core.links import AccessLink
from core.months import first_day
from core.outbox import OutboxMail
from members import texts
from members.ages import ADULT, age_on
from members.models import Consent, Member
from members.standing.rules import MonthRules, Standing
from members.texts import Text, Texts


@dataclass(frozen=True, slots=True)
class Reminder:
    """A letter that somebody is to have: at which stage, and the month that dues are paid up to."""

    member_id: uuid.UUID
    stage: str
    paid_up_to: int
    lapses: int

    @property
    def key(self) -> str:
        """What names the letter, so that it is written once."""
        return f"{_keys(self.member_id)}{self.paid_up_to}:{self.stage}"

    @property
    def text_key(self) -> str:
        """What names the text of it."""
        return f"{texts.keys_of(self.member_id)}{self.paid_up_to}:{self.stage}"


@dataclass(frozen=True, slots=True)
class Texter:
    """Who texts reminders, and what puts words to them."""

    texts: Texts
    words: Callable[[Reminder], str]


def due(
    member_id: uuid.UUID, before: str, found: Standing, paid_up_to: int | None, rules: MonthRules
) -> Reminder | None:
    """Return the letter that this standing calls for; None where there is none to write."""
    if found.held or paid_up_to is None:
        return None
    lapses = paid_up_to + rules.lapse_after + 1
    if found.state == "lapsed" and before in ("active", "arrears"):
        return Reminder(member_id, "lapsed", paid_up_to, lapses)
    if found.state != "arrears":
        return None
    last = found.behind == rules.lapse_after
    return Reminder(member_id, "last" if last else "arrears", paid_up_to, lapses)


def write(
    session: Session,
    reminders: Sequence[Reminder],
    *,
    link: dt.timedelta,
    now: dt.datetime,
    texter: Texter | None = None,
) -> int:
    """Put the letters that were not written before in the outbox; say how many those are.

    `link` is how long the link in each works. With a `texter` who wished for texts is texted too.
    """
    keys = [each.key for each in reminders]
    if not keys:
        return 0
    there = set(session.scalars(select(OutboxMail.key).where(OutboxMail.key.in_(keys))))
    fresh = {each.member_id: each for each in reminders if each.key not in there}
    if not fresh:
        return 0
    people = session.execute(
        select(Member.id, Member.name, Member.email, Member.email_key).where(
            Member.id.in_(fresh), Member.state != "left", Member.email != ""
        )
    ).all()
    links = _links(session, {each.id: each.email_key for each in people}, link, now)
    rows = [letter(fresh[each.id], each.name, each.email, links[each.id], now) for each in people]
    if rows:
        insert_each_once(session, OutboxMail, rows, unique="key")
    if texter is not None:
        phones = _phones(session, fresh, now)
        told = [Text(fresh[each].text_key, to, texter.words(fresh[each])) for each, to in phones]
        texter.texts.put_out(session, told, now=now)
    return len(rows)


def _links(
    session: Session, people: Mapping[uuid.UUID, str], lifetime: dt.timedelta, now: dt.datetime
) -> dict[uuid.UUID, uuid.UUID]:
    """Keep a link for each of these people, by the keys of their addresses; return its id."""
    made = {member_id: uuid.uuid4() for member_id in people}
    rows = [
        {
            "id": made[member_id],
            "email": email_key,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        for member_id, email_key in people.items()
    ]
    if rows:
        session.execute(insert(AccessLink), rows)
    return made


def take_back(session: Session, member_id: uuid.UUID, why: str) -> None:
    """Keep reminders unsent that have not left yet: it was paid, or the member has gone."""
    outbox.take_back(session, _keys(member_id), why)
    texts.take_back(session, member_id, why)


def _phones(
    session: Session, wanted: Collection[uuid.UUID], now: dt.datetime
) -> list[tuple[uuid.UUID, str]]:
    """Return the numbers of those who may be texted: who last answered yes, and is no minor."""
    last = select(func.max(Consent.id)).where(
        Consent.channel == "text", Consent.member_id.in_(wanted)
    )
    found = session.scalars(
        select(Member)
        .join(Consent, Consent.member_id == Member.id)
        .where(
            Consent.id.in_(last.group_by(Consent.member_id)),
            Consent.given,
            Member.state != "left",
            Member.phone.is_not(None),
        )
        .order_by(Member.id)
    )
    today = day_in_london(now)
    return [
        (each.id, each.phone or "") for each in found if age_on(today, each.date_of_birth) >= ADULT
    ]


def letter(
    reminder: Reminder, name: str, email: str, link: uuid.UUID, now: dt.datetime
) -> dict[str, object]:
    """Return the outbox's row of a reminder. `link` is the id of the link that it carries."""
    paid = first_day(reminder.paid_up_to + 1) - dt.timedelta(days=1)
    return {
        "key": reminder.key,
        "template": "dues_behind",
        "recipient": email,
        "values": {
            "name": name,
            "stage": reminder.stage,
            "paid_until": paid.isoformat(),
            "lapses_on": first_day(reminder.lapses).isoformat(),
            "link": str(link),
        },
        "message_id": str(uuid.uuid4()),
        "created_at": now,
        "due_at": now,
        "attempts": 0,
    }


def _keys(member_id: uuid.UUID) -> str:
    return f"dues-behind:{member_id}:"
