"""Agreements of dues that are paid past Stripe: entered for a member, not made on a form.

They wait as any pledge does until the first due is booked for them. Their nonce says what they
are: no form has one that begins so.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from payments.models import Pledge

_ENTERED = "entered:"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What somebody pays each month, and who it is. `pence` is above nothing.

    `email_key` says whose it is where there is no address. `member` says that they pay as a
    member; of others, who only apply, the agreement goes by clock as any unpaid one does.
    `stopped_at` is when it ended, null while it runs.
    """

    id: uuid.UUID
    pence: int
    title: str
    name: str
    email: str
    email_key: str
    postcode: str
    member: bool
    stopped_at: dt.datetime | None = None


def row(agreed: Agreement, *, now: dt.datetime) -> dict[str, Any]:
    """Return an agreement as a row of `Pledge`, to be inserted with many others."""
    begins = _ENTERED if agreed.member else "applied:"
    return {
        "id": agreed.id,
        "kind": "dues",
        "state": "pending",
        "amount_pence": agreed.pence,
        "cover_pence": 0,
        "currency": "GBP",
        "title": agreed.title,
        "appeal_id": None,
        "name": agreed.name,
        "email": agreed.email,
        "email_key": agreed.email_key,
        "postcode": agreed.postcode,
        "message": "",
        "display": "anonymous",
        "consent_wording": None,
        "source": "",
        "form_nonce": f"{begins}{agreed.id.hex}",
        "created_at": now,
        "held_because": None,
        "stripe_customer": None,
        "stripe_subscription": None,
        "stopped_at": agreed.stopped_at,
    }


def runs() -> ColumnElement[bool]:
    """Find the agreements that were entered for a member and have not ended, paid or not."""
    return and_(Pledge.form_nonce.startswith(_ENTERED), Pledge.stopped_at.is_(None))


def end(session: Session, pledge: Pledge, *, now: dt.datetime) -> None:
    """End an agreement past Stripe. It is locked, and no subscription stands behind it.

    Raises:
        ValueError: one does; then it has to be stopped there.
    """
    if pledge.stripe_subscription is not None:
        raise ValueError("is paid at Stripe")
    pledge.stopped_at = pledge.stopped_at or now
    session.flush()
