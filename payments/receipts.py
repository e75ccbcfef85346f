"""What payers are told by mail: of money received, given back, and no longer taken."""

import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from core import links, outbox
from payments.models import Payment, Pledge, Refund


def reference(pledge_id: uuid.UUID) -> str:
    """Return the short reference that a payer can quote; ours to find by, no secret."""
    return pledge_id.hex[:8].upper()


def receive(
    session: Session,
    pledge: Pledge,
    payment: Payment,
    *,
    link_lifetime: dt.timedelta,
    now: dt.datetime,
) -> None:
    """Put the receipt of a payment into the outbox, once.

    A monthly giver's first one carries the link by which they can stop.
    """
    values: dict[str, object] = {
        "gift": {
            **_agreement(pledge),
            "amount_pence": payment.amount_pence,
            "frequency": "monthly" if pledge.monthly and not payment.offline else "once",
            "message": pledge.message if payment.number == 1 else "",
            "public_reference": reference(pledge.id),
            "number": payment.number,
            "paid_at": payment.paid_at.isoformat(),
        }
    }
    if pledge.monthly and payment.number == 1 and pledge.email and not payment.offline:
        values["link"] = str(links.mint(session, pledge.email_key, lifetime=link_lifetime, now=now))
    _write(session, "receipt", pledge, key=f"receipt:{payment.id}", values=values, now=now)


def say_refunded(session: Session, payment: Payment, refund: Refund, *, now: dt.datetime) -> None:
    """Put the word that money was given back into the outbox, once."""
    pledge = payment.pledge
    values = {
        "agreement": _agreement(pledge),
        "refunded_pence": refund.amount_pence,
        "paid_pence": payment.amount_pence,
        "public_reference": reference(pledge.id),
    }
    key = f"refunded:{refund.stripe_refund}"
    _write(session, "refunded", pledge, key=key, values=values, now=now)


def say_stopped(session: Session, pledge: Pledge, *, now: dt.datetime) -> None:
    """Put the word that a monthly gift or due has ended into the outbox, once."""
    values = {"agreement": _agreement(pledge)}
    _write(session, "stopped", pledge, key=f"stopped:{pledge.id}", values=values, now=now)


def _write(
    session: Session,
    template: str,
    pledge: Pledge,
    *,
    key: str,
    values: Mapping[str, object],
    now: dt.datetime,
) -> None:
    """Write to the giver, unless they were erased while money was still under way."""
    if pledge.email:
        outbox.mail(session, template, key=key, to=pledge.email, values=dict(values), now=now)


def _agreement(pledge: Pledge) -> dict[str, object]:
    return {
        "kind": pledge.kind,
        "title": pledge.title,
        "amount_pence": pledge.amount_pence,
        "name": pledge.name,
    }
