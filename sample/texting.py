"""Two years of texts: what people asked and were answered, most of it forgotten since."""

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from branches.locator import Placed
from branches.models import Enquiry, InboundText, TextOptOut
from branches.room import Room
from branches.texting.answered import Outcome
from branches.texting.answering import Read
from branches.texting.enquiring import FOLLOWED_UP
from branches.texting.forgetting import forget
from branches.texting.numbers import hashes
from core.clock import day_in_london
from sample import NONCE
from sample.lives import YEARS
from sample.people import names, number

_FORMS = {
    "{name} {postcode}": 40,
    "{postcode}": 15,
    "hi im {name}, {postcode}": 15,
    "{outcode}": 12,
    "Hello where is my nearest branch": 10,
    "thanks": 6,
    "STOP": 2,
}


def write(
    session: Session, rng: Random, room: Room, places: Sequence[Placed], many: int, now: dt.datetime
) -> None:
    """Write texts with the line's own replies and enquiries, and forget those whose time is over.

    Nothing is put into an outbox: the replies were the answers that their gateway waited for.
    """
    today = day_in_london(now)
    texts: list[dict[str, Any]] = []
    enquiries: dict[str, dict[str, Any]] = {}
    stopped: dict[str, dt.datetime] = {}
    days = dt.timedelta(days=room.text_rules.text_days)
    ago = sorted(
        (dt.timedelta(minutes=rng.randint(1, YEARS * 365 * 1440)) for _text in range(many)),
        reverse=True,
    )
    for serial, before in enumerate(ago):
        at, sender = now - before, number(rng)
        known_as = hashes(sender, room.text_rules.keys)[0]
        name, postcode = names(rng), rng.choice(places).postcode
        said = rng.choices([*_FORMS], [*_FORMS.values()])[0].format(
            name=name, postcode=postcode, outcode=postcode.split()[0]
        )
        read = room.text_line.read(session, said, today=today)
        row = _text(serial, sender, known_as, said, at) | _answered(read, known_as in stopped)
        row["forget_on"] = day_in_london(at) + days
        texts.append(row)
        if read.outcome is Outcome.STOP:
            stopped.setdefault(known_as, at)
        if row["outcome"] in FOLLOWED_UP:
            enquiries[row["message_id"]] = _enquiry(read, sender, row)
    _insert(session, texts, enquiries, stopped)
    forget(session, today=today)


def _insert(
    session: Session,
    texts: list[dict[str, Any]],
    enquiries: dict[str, dict[str, Any]],
    stopped: dict[str, dt.datetime],
) -> None:
    session.execute(insert(InboundText), texts)
    ids = select(InboundText.message_id, InboundText.id).where(
        InboundText.message_id.startswith(NONCE)
    )
    asked = [
        enquiries[message_id] | {"inbound_text_id": text_id}
        for message_id, text_id in session.execute(ids)
        if message_id in enquiries
    ]
    session.execute(insert(Enquiry), asked)
    rows = [{"number_hash": each, "since": since} for each, since in stopped.items()]
    if rows:
        session.execute(insert(TextOptOut), rows)


def _text(serial: int, sender: str, known_as: str, said: str, at: dt.datetime) -> dict[str, Any]:
    return {
        "gateway": "generic",
        "message_id": f"{NONCE}{serial}",
        "sender": sender,
        "sender_hash": known_as,
        "text": said,
        "received_at": at,
    }


def _answered(read: Read, silent: bool) -> dict[str, Any]:  # noqa: FBT001 -- as it was found
    """Return what a text came to; who has said STOP is answered no more."""
    return {
        "outcome": str(Outcome.NO_REPLY if silent else read.outcome),
        "outcode": read.postcode.split()[0] if read.postcode else None,
        "reply": None if silent else read.reply,
    }


def _enquiry(read: Read, sender: str, row: dict[str, Any]) -> dict[str, Any]:
    answer = read.answer
    return {
        "branch_id": answer.branch.id if answer and answer.branch else None,
        "region_id": answer.region.id if answer and answer.region else None,
        "name": read.name,
        "phone": sender,
        "postcode": read.postcode,
        "created_at": row["received_at"],
        "forget_on": row["forget_on"],
    }
