"""Pledging: from a form to an open Checkout, once, however often the form is sent."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.addresses import EmailAddress
from core.database import insert_once
from core.money import Money
from payments import searching
from payments.gateway import CheckoutOrder, OpenCheckout
from payments.law import declaring
from payments.law.declaring import Declared
from payments.models import Checkout, Pledge, Quarantine


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to give, and what they told us with it.

    `kind` is `donation`, `monthly` or `dues`; `appeal_id` is None for dues alone. `title` is the
    name of the line item at Stripe. `cover` is the part of `amount` that covers the card fee.
    `consent_wording` is the sentence agreed to, or None. `declaration` says who gives; above the
    threshold of the day there is no pledge without it. `aside` says of what there is too much for
    it to get a Checkout now, if so (`payments.protecting`).
    """

    kind: str
    amount: Money
    title: str
    name: str
    email: EmailAddress
    form_nonce: str
    appeal_id: int | None = None
    cover: Money = Money(0)  # noqa: RUF009 -- frozen, so one for all does no harm
    postcode: str | None = None
    message: str = ""
    display: str = "anonymous"
    consent_wording: str | None = None
    source: str = ""
    declaration: Declared | None = None
    aside: str | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Stripe sends the payer back to. `{CHECKOUT_SESSION_ID}` is filled in by Stripe."""

    success: str
    cancel: str


def pledge(
    session: Session, wish: Wish, *, open_for: dt.timedelta, now: dt.datetime
) -> Checkout | None:
    """Keep the wish and return the Checkout to pay it on, opened at Stripe or not yet.

    A form sent again changes nothing: it gets the Checkout that it began, or a new one if Stripe
    refused that, or None where the pledge has gone further and `pledge.state` tells the truth.

    Raises:
        DeclarationNeeded: see `payments.law.declaring.keep`.
    """
    made = pledged(session, wish.form_nonce, lock=True) or _keep(session, wish, now)
    declaring.keep(session, made, wish.declaration, now=now)
    if not made.checkouts and is_aside(session, made):
        return None
    return next_checkout(session, made, open_for=open_for, now=now)


def is_aside(session: Session, made: Pledge) -> bool:
    """Say whether a pledge was put aside, and its maker has not come back to finish it."""
    row = session.get(Quarantine, made.id)
    return row is not None and row.released_at is None


def next_checkout(
    session: Session, made: Pledge, *, open_for: dt.timedelta, now: dt.datetime
) -> Checkout | None:
    """Return the Checkout on which a pledge is to be paid now, if any. The pledge is locked."""
    latest = made.checkouts[-1] if made.checkouts else None
    if latest is None or (latest.state == "refused" and made.state == "pending"):
        return _attempt(session, made, (latest.attempt if latest else 0) + 1, open_for, now)
    return latest if latest.state == "open" and latest.expires_at > now else None


def pledged(session: Session, form_nonce: str, *, lock: bool = False) -> Pledge | None:
    """Return the pledge that a form has made, if it has."""
    wanted = select(Pledge).where(Pledge.form_nonce == form_nonce)
    return session.scalar(wanted.with_for_update() if lock else wanted)


def order(checkout: Checkout, back: Addresses) -> CheckoutOrder:
    """Return what the gateway is told: the same for the same Checkout, whenever it is asked."""
    made = checkout.pledge
    return CheckoutOrder(
        key=checkout.idempotency_key,
        pledge_id=made.id,
        pence=made.amount_pence,
        title=made.title,
        email=made.email,
        monthly=made.monthly,
        dues=made.kind == "dues",
        expires_at=checkout.expires_at,
        success_url=back.success,
        cancel_url=back.cancel,
    )


def opened(session: Session, checkout_id: int, page: OpenCheckout) -> None:
    """Keep where the page of a Checkout is."""
    checkout = session.get_one(Checkout, checkout_id)
    checkout.session_id, checkout.url = page.session_id, page.url


def refused(session: Session, checkout_id: int) -> None:
    """Note that Stripe will never open this Checkout, so that the next try is a new one."""
    session.get_one(Checkout, checkout_id).state = "refused"


def _keep(session: Session, wish: Wish, now: dt.datetime) -> Pledge:
    """Insert the pledge, or find the one that another request of the same form has just made."""
    values = {
        "id": uuid.uuid4(),
        "kind": wish.kind,
        "state": "pending",
        "amount_pence": wish.amount.pence,
        "cover_pence": wish.cover.pence,
        "currency": "GBP",
        "title": wish.title,
        "appeal_id": wish.appeal_id,
        "name": wish.name,
        "email": wish.email.text,
        "email_key": wish.email.key,
        "postcode": wish.postcode,
        "message": wish.message,
        "display": wish.display,
        "consent_wording": wish.consent_wording,
        "source": wish.source,
        "form_nonce": wish.form_nonce,
        "created_at": now,
    }
    new = insert_once(session, Pledge, values, unique="form_nonce")
    if new:
        searching.write(session, [values])
    if new and wish.aside:
        session.add(Quarantine(pledge_id=values["id"], because=wish.aside, kept_at=now))
        session.flush()
    return session.scalars(
        select(Pledge).where(Pledge.form_nonce == wish.form_nonce).with_for_update()
    ).one()


def _attempt(
    session: Session, made: Pledge, number: int, open_for: dt.timedelta, now: dt.datetime
) -> Checkout:
    checkout = Checkout(
        pledge_id=made.id,
        attempt=number,
        created_at=now,
        checked_at=now,
        expires_at=(now + open_for).replace(microsecond=0),
    )
    made.checkouts.append(checkout)
    session.flush()
    return checkout
