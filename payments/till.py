"""The till: how any form of this house ends in an open Checkout, donations and dues alike.

Write the intent, commit, ask Stripe under a key made from our row, store what it said, redirect.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from payments import following_up, pledging, settling, statuses
from payments.gateway import Gateway, GatewayUnavailable, PaymentRefused
from payments.models import Checkout, Payment, Pledge
from payments.notices import Outcome
from payments.statuses import Status

_log = logging.getLogger(__name__)
_SESSION_ID = re.compile(r"cs_[A-Za-z0-9_]{1,250}")


@dataclass(frozen=True, slots=True)
class Till:
    """What taking money needs: the gateway, the rules of settling, how long a Checkout is open."""

    gateway: Gateway
    rules: settling.Rules
    open_for: dt.timedelta

    def pledge(self, session: Session, wish: pledging.Wish) -> Checkout | None:
        """Keep a wish in the caller's transaction; see `payments.pledging.pledge`."""
        return pledging.pledge(session, wish, open_for=self.open_for, now=clock.now())

    def open(self, checkout: Checkout, back: pledging.Addresses) -> str:
        """Return the address of the payment page of a Checkout, opening it where it is not.

        Raises:
            GatewayUnavailable: when Stripe gave no clear answer; nothing was charged.
            PaymentRefused: when Stripe will not take it; nothing was charged.
        """
        if checkout.url is not None:
            return checkout.url
        try:
            page = self.gateway.open_checkout(pledging.order(checkout, back))
        except PaymentRefused as error:
            _log.error(
                "checkout refused", extra={"pledge": str(checkout.pledge_id), "error": str(error)}
            )
            with transaction() as session:
                pledging.refused(session, checkout.id)
            raise
        except GatewayUnavailable as error:
            _log.warning(
                "checkout not opened",
                extra={"pledge": str(checkout.pledge_id), "error": str(error)},
            )
            raise
        with transaction() as session:
            pledging.opened(session, checkout.id, page)
        return page.url

    def close(self, session_ids: Iterable[str]) -> str | None:
        """Close Checkouts that another is to take the place of, so that nobody pays both.

        Returns one on which somebody has paid already, though we had not heard of it: then there is
        to be no other. One that cannot be closed now runs out of time by itself.
        """
        paid = None
        for session_id in session_ids:
            try:
                notice = self.gateway.close_checkout(session_id)
            except (GatewayUnavailable, PaymentRefused) as error:
                _log.warning("checkout not closed", extra={"error": str(error)})
                continue
            with transaction() as session:
                settling.apply(session, notice, rules=self.rules, now=clock.now())
            if notice.outcome in (Outcome.PAID, Outcome.SETTLING):
                paid = session_id
        return paid

    def truth(self, session_id: str) -> "Truth | None":
        """Return how a pledge stands, asking Stripe where we have not been told; None if unknown.

        Where Stripe does not answer, what it holds is unknown: then we are *confirming*.
        """
        checkout = _checkout(session_id)
        if checkout is None:
            return None
        if not _may_have_changed(checkout):
            return _truth(checkout, None, now=clock.now())
        notice = following_up.look_at(self.gateway, self.rules, checkout)
        checkout = _checkout(session_id) or checkout
        outcome = notice.outcome if notice else Outcome.SETTLING  # for all we know
        return _truth(checkout, outcome, now=clock.now())


@dataclass(frozen=True, slots=True)
class Truth:
    """What may be said of a pledge: `received`, `confirming`, `not-taken` or `refunded`.

    `resume_url` leads back to a Checkout that is still open. `back_pence` is what was given back
    of the first payment; `disputed` says that its payer's bank has asked for it.
    """

    pledge: Pledge
    state: str
    resume_url: str | None
    back_pence: int = 0
    disputed: bool = False


def _may_have_changed(checkout: Checkout) -> bool:
    """Say whether Stripe may know more than we do.

    A first month that was not taken is tried again, without our being told before it is over.
    """
    pledge = checkout.pledge
    tried_again = pledge.monthly and pledge.state == "not-taken" and checkout.state == "complete"
    return pledge.state in ("pending", "confirming") or tried_again


def _truth(checkout: Checkout, outcome: Outcome | None, *, now: dt.datetime) -> Truth:
    """Tell how a pledge stands; `outcome` is what Stripe has just said, if it was asked."""
    pledge = checkout.pledge
    if pledge.state == "paid":
        return _truth_of_money(pledge)
    settles = pledge.state in ("confirming", "held") or outcome is Outcome.SETTLING
    waits = pledge.state == "pending" and not settles and checkout.expires_at > now
    state = "confirming" if settles else "not-taken"
    return Truth(pledge, state, checkout.url if waits else None)


def _truth_of_money(pledge: Pledge) -> Truth:
    """Tell how the first payment of a pledge stands; where there is a first, it was received."""
    first = select(Payment).where(Payment.pledge_id == pledge.id, statuses.is_first())
    with reading() as session:
        payment = session.scalars(first.options(*statuses.loaded())).one()
    status, back = statuses.status_of(payment), statuses.refunded_pence(payment)
    states = {
        Status.REFUNDED: "refunded",
        Status.LOST: "refunded",
        Status.DISPUTED: "confirming",
    }
    state = states.get(status, "received")
    return Truth(pledge, state, None, back, disputed=status is Status.DISPUTED)


def _checkout(session_id: str) -> Checkout | None:
    if not _SESSION_ID.fullmatch(session_id):
        return None
    with reading() as session:
        return session.scalar(select(Checkout).where(Checkout.session_id == session_id))
