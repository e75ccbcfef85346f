"""Taking a text in: stored first, answered once, and its sender's wishes kept.

Everything happens in the caller's transaction, so that a text is either stored with its reply, its
enquiry and the mail about it, or not at all; then the gateway hears so and tries again.
"""

import datetime as dt
import hashlib
import hmac
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from branches.models import InboundText
from branches.texting import sending
from branches.texting.answered import Outcome
from branches.texting.answering import TextLine
from branches.texting.deciding import Rules, decide
from branches.texting.enquiring import FOLLOWED_UP, enquire
from branches.texting.gateways import Inbound, ReplyBy
from branches.texting.numbers import answerable, hashes
from branches.texting.understanding import Understood
from branches.texting.understanding.cleaning import LONGEST

__all__ = ["Rules", "receive"]

_SAME_TEXT_SECONDS = 120
_LONGEST_ID = 200


def receive(
    session: Session,
    line: TextLine,
    inbound: Inbound,
    *,
    rules: Rules,
    today: dt.date,
    now: dt.datetime,
    understood: Understood | None = None,
) -> str | None:
    """Store a text and give the reply to it, or None where nothing is sent.

    One message id is one text: however often it comes, the reply is the stored one, and there is
    one enquiry. A reply that leaves by the outbox is put there, once. `today` is the day in London;
    `understood` is what the text means, where that is known already.

    Raises:
        IndexMissing: when no index is built; then nothing is stored.
    """
    number = answerable(inbound.sender, own=rules.own_number, regions=rules.regions)
    message_id = _message_id(session, inbound, rules, now)
    row = _claimed(session, inbound, message_id, now)
    if row is None:
        return _stored_reply(session, inbound.gateway, message_id)
    row.forget_on = today + dt.timedelta(days=rules.text_days)
    # Nothing that is asked meanwhile asks about this text: its row is written once, at the end.
    with session.no_autoflush:
        read = line.read(session, understood or row.text or "", today=today)
        row.outcode = read.postcode.split()[0] if read.postcode else None
        if number is None:
            row.outcome = Outcome.NO_REPLY
            return None
        known_as = hashes(number, rules.keys)
        row.sender_hash = known_as[0]
        decided = decide(session, line, row, read, known_as=known_as, rules=rules, now=now)
    if inbound.reply_by is ReplyBy.GATEWAY:
        decided = replace(decided, reply=None)
    row.outcome, row.reply = decided.outcome, decided.reply
    if decided.outcome in FOLLOWED_UP:
        enquire(session, row, decided, number=number, office_email=rules.office_email, now=now)
    session.flush()
    if decided.outcome is Outcome.STOP:
        sending.call_back(session, number)
    if decided.reply and inbound.reply_by is ReplyBy.OUTBOX:
        sending.put_out(session, row.id, number, decided.reply, now=now)
    return decided.reply


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
