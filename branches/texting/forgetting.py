"""Forgetting who texted, by clock: what stays is that somebody did, when, and what became of it."""

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText, OutboxText
from branches.texting.enquiring import mail_key
from core.outbox import OutboxMail

Also = Callable[[Session, Sequence[int]], None]
"""What else is forgotten with enquiries, told by their ids: other rooms have words on them."""


def _nothing_else(_session: Session, _enquiries: Sequence[int]) -> None:
    """Know of nothing beyond this room."""


def forget(
    session: Session, *, today: dt.date, most: int | None = None, also: Also = _nothing_else
) -> int:
    """Empty every text, its reply, enquiry and mail, once kept for as long as was promised.

    Says how many texts there were, `most` of them at a time. The message id goes too, since some
    gateways put the number into it.
    """
    over = select(InboundText.id).where(InboundText.forget_on <= today).limit(most)
    due = session.scalars(over).all()
    empty(session, due, also)
    return len(due)


def forget_notices(session: Session, *, today: dt.date, most: int | None = None) -> int:
    """Empty texts that answered none, once kept for as long; say how many there were."""
    over = select(OutboxText.id).where(OutboxText.forget_on <= today).limit(most)
    due = session.scalars(over).all()
    empty_notices(session, due)
    return len(due)


def empty_notices(session: Session, due: Sequence[int]) -> None:
    """Empty these texts; their keys stay, so that none of them is sent again."""
    session.execute(
        update(OutboxText)
        .where(OutboxText.id.in_(due), OutboxText.key.is_not(None))
        .values(recipient=None, text=None, due_at=None, forget_on=None)
    )


def empty(session: Session, due: Sequence[int], also: Also = _nothing_else) -> None:
    """Empty these texts, their replies and enquiries, and the mail about them."""
    if not due:
        return
    enquiries = session.scalars(select(Enquiry.id).where(Enquiry.inbound_text_id.in_(due))).all()
    also(session, enquiries)
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
