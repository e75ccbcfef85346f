"""Forgetting who texted, by clock: what stays is that somebody did, when, and what became of it."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText, OutboxText
from branches.texting.enquiring import mail_key
from core.outbox import OutboxMail


def forget(session: Session, *, today: dt.date, most: int | None = None) -> int:
    """Empty every text, its reply, enquiry and mail, once kept for as long as was promised.

    Says how many texts there were, `most` of them at a time. The message id goes too, since some
    gateways put the number into it.
    """
    over = select(InboundText.id).where(InboundText.forget_on <= today).limit(most)
    due = session.scalars(over).all()
    empty(session, due)
    return len(due)


def empty(session: Session, due: Sequence[int]) -> None:
    """Empty these texts, their replies and enquiries, and the mail about them."""
    if not due:
        return
    enquiries = session.scalars(select(Enquiry.id).where(Enquiry.inbound_text_id.in_(due))).all()
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.key.in_([mail_key(each) for each in enquiries]))
        .values(values={}, due_at=None)
    )
    session.execute(
        update(Enquiry)
        .where(Enquiry.id.in_(enquiries))
        .values(name=None, phone=None, postcode=None, forget_on=None)
    )
    session.execute(
        update(OutboxText)
        .where(OutboxText.inbound_text_id.in_(due))
        .values(recipient=None, text=None, due_at=None)
    )
    session.execute(
        update(InboundText)
        .where(InboundText.id.in_(due))
        .values(
            message_id=literal("forgotten:").concat(cast(InboundText.id, String)),
            sender=None,
            sender_hash=None,
            text=None,
            reply=None,
            forget_on=None,
        )
    )
