"""Taking a text in: stored first, answered once, and its sender's wishes kept.

Everything happens in the caller's transaction, so that a text is either stored with its reply, its
enquiry and the mail about it, or not at all; then the gateway hears so and tries again.
"""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from branches.models import InboundText, TextOptOut
from branches.texting.answered import Outcome
from branches.texting.answering import Read, TextLine
from branches.texting.enquiring import FOLLOWED_UP, enquire
from branches.texting.gateways import Inbound
from branches.texting.numbers import answerable, hashes
from branches.texting.understanding.cleaning import LONGEST

_HOUR = dt.timedelta(hours=1)
_SAME_TEXT_SECONDS = 120
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Rules:
    """How the line treats its senders. `keys` hash their numbers, the one in use first."""

    keys: tuple[bytes, ...]
    own_number: str | None
    office_email: str | None
    texts_an_hour: int
    texts_an_hour_in_all: int
    text_days: int


def receive(
    session: Session,
    line: TextLine,
    inbound: Inbound,
    *,
    rules: Rules,
    today: dt.date,
    now: dt.datetime,
) -> str | None:
    """Store a text and give the reply to it, or None where nothing is sent.

    One message id is one text: however often it comes, the reply is the stored one, and there is
    one enquiry. `today` is the day in London.

    Raises:
        IndexMissing: when no index is built; then nothing is stored.
    """
    number = answerable(inbound.sender, own=rules.own_number)
    message_id = _message_id(session, inbound, rules, now)
    row = _claimed(session, inbound, message_id, now)
    if row is None:
        return _stored_reply(session, inbound.gateway, message_id)
    row.forget_on = today + dt.timedelta(days=rules.text_days)
    read = line.read(session, row.text or "", today=today)
    if number is None:
        row.outcome = Outcome.NO_REPLY
        return None
    row.sender_hash = hashes(number, rules.keys)[0]
    decided = _decide(session, read, number, rules, now)
    row.outcome, row.reply = decided.outcome, decided.reply
    if decided.outcome in FOLLOWED_UP:
        enquire(session, row, decided, number=number, office_email=rules.office_email, now=now)
    session.flush()
    return decided.reply


def _decide(session: Session, read: Read, number: str, rules: Rules, now: dt.datetime) -> Read:
    """Hold what would be answered against the sender's wishes and the limits.

    STOP is heeded whatever the limits are; they only keep its confirmation from being sent.
    """
    known_as = hashes(number, rules.keys)
    stopped = session.scalars(select(TextOptOut).where(TextOptOut.number_hash.in_(known_as))).all()
    silent = replace(read, outcome=Outcome.NO_REPLY, reply=None)
    if read.outcome is Outcome.STOP:
        if stopped:
            return replace(read, reply=None)
        session.add(TextOptOut(number_hash=known_as[0], since=now))
    elif read.outcome is Outcome.START:
        session.execute(delete(TextOptOut).where(TextOptOut.number_hash.in_(known_as)))
    elif stopped:
        return silent
    if _over_limit(session, known_as[0], rules, now):
        keeps_outcome = read.outcome in (Outcome.STOP, Outcome.START)
        return replace(read, reply=None) if keeps_outcome else silent
    return read


def _over_limit(session: Session, sender_hash: str, rules: Rules, now: dt.datetime) -> bool:
    """Say whether this number, or all together, have had their replies of the last hour."""

    def replies(*where: ColumnElement[bool]) -> int:
        recent = (InboundText.received_at > now - _HOUR, InboundText.reply.is_not(None))
        counted = select(func.count()).select_from(InboundText).where(*recent, *where)
        return session.scalar(counted) or 0

    return (
        replies(InboundText.sender_hash == sender_hash) >= rules.texts_an_hour
        or replies() >= rules.texts_an_hour_in_all
    )


def _message_id(session: Session, inbound: Inbound, rules: Rules, now: dt.datetime) -> str:
    """Give the gateway's id, or one made of sender and text for two minutes.

    People do repeat themselves, so the same text later on is another one.
    """
    if inbound.message_id:
        given = inbound.message_id
        return given if len(given) <= _LONGEST_ID else hashlib.sha256(given.encode()).hexdigest()
    content = f"{inbound.sender}\n{inbound.text}".encode()
    digest = hmac.new(rules.keys[0], content, hashlib.sha256).hexdigest()
    since = now - dt.timedelta(seconds=_SAME_TEXT_SECONDS)
    same = session.scalar(
        select(InboundText.message_id).where(
            InboundText.gateway == inbound.gateway,
            InboundText.received_at > since,
            InboundText.message_id.startswith(f"~{digest}:"),
        )
    )
    # The count of two minutes keeps two that come at the same moment from both being new.
    return same or f"~{digest}:{int(now.timestamp()) // _SAME_TEXT_SECONDS}"


def _claimed(
    session: Session, inbound: Inbound, message_id: str, now: dt.datetime
) -> InboundText | None:
    """Store the text, or give None if it is there already: the database lets one of two in."""
    row = InboundText(
        gateway=inbound.gateway,
        message_id=message_id,
        sender=inbound.sender,
        text=inbound.text[:LONGEST],
        received_at=now,
        outcome=Outcome.NO_REPLY,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def _stored_reply(session: Session, gateway: str, message_id: str) -> str | None:
    return session.scalar(
        select(InboundText.reply).where(
            InboundText.gateway == gateway, InboundText.message_id == message_id
        )
    )
