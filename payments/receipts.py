"""What payers are told by mail: of money received, given back, and no longer taken."""

import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from core import links, outbox
from payments.models import Payment, Pledge, Refund
from payments.monthly import amounts

_AT_ONCE = dt.timedelta()


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

    A monthly giver's carries the link by which they can pause, change and stop.
    """
    values: dict[str, object] = {
        "gift": {
            **_gift(pledge),
            "amount_pence": payment.amount_pence,
            "frequency": "monthly" if pledge.monthly and not payment.offline else "once",
            "message": pledge.message if payment.number == 1 else "",
            "public_reference": reference(pledge.id),
            "number": payment.number,
            "paid_at": payment.paid_at.isoformat(),
        }
    }
    if pledge.monthly and pledge.email and not payment.offline:
        values["link"] = str(links.mint(session, pledge.email_key, lifetime=link_lifetime, now=now))
        values["agreement"] = {"id": str(pledge.id), "kind": pledge.kind}
    write(session, "receipt", pledge, key=f"receipt:{payment.id}", values=values, now=now)


def say_refunded(session: Session, payment: Payment, refund: Refund, *, now: dt.datetime) -> None:
    """Put the word that money was given back into the outbox, once."""
    pledge = payment.pledge
    values = {
        "agreement": _gift(pledge),
        "refunded_pence": refund.amount_pence,
        "paid_pence": payment.amount_pence,
        "public_reference": reference(pledge.id),
    }
    key = f"refunded:{refund.stripe_refund}"
    write(session, "refunded", pledge, key=key, values=values, now=now)


def say_stopped(session: Session, pledge: Pledge, *, now: dt.datetime) -> None:
    """Put the word that a monthly gift or due has ended into the outbox, once."""
    values = {"agreement": agreement(session, pledge)}
    write(session, "stopped", pledge, key=stopped_key(pledge), values=values, now=now)


def stopped_key(pledge: Pledge) -> str:
    """Return what the letter is known by that says the end of an agreement: there is but one."""
    return f"stopped:{pledge.id}"


def agreement(session: Session, pledge: Pledge) -> dict[str, object]:
    """Return a monthly agreement as letters show it, with the amount that is given now."""
    pence = amounts.current(session, pledge).pence
    return {**_gift(pledge), "id": str(pledge.id), "amount_pence": pence}


def write(
    session: Session,
    template: str,
    pledge: Pledge,
    *,
    key: str,
    values: Mapping[str, object],
    now: dt.datetime,
    after: dt.timedelta = _AT_ONCE,
) -> None:
    """Write to the giver, unless they were erased while money was still under way.

    `after` is how long the letter lies in the outbox, and may be taken back.
    """
    if pledge.email:
        outbox.mail(
            session,
            template,
            key=key,
            to=pledge.email,
            values=dict(values),
            now=now,
            after=after,
        )


def _gift(pledge: Pledge) -> dict[str, object]:
    return {
        "kind": pledge.kind,
        "title": pledge.title,
        "amount_pence": pledge.amount_pence,
        "name": pledge.name,
    }
