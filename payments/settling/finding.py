"""Finding what a notice speaks of, and locking it for as long as it is settled."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, lazyload

from payments.models import Checkout, Payment, Pledge
from payments.notices import CheckoutState, InvoicePaid, InvoiceUnpaid, SubscriptionEnded


def pledge_of(
    session: Session, notice: CheckoutState | InvoicePaid | InvoiceUnpaid | SubscriptionEnded
) -> Pledge | None:
    """Find and lock the pledge, by our own id or else by the gateway's."""
    if notice.pledge_id is not None:
        found = _locked(session, Pledge.id == notice.pledge_id)
        if found is not None:
            return found
    if isinstance(notice, CheckoutState):
        opened = select(Checkout.pledge_id).where(Checkout.session_id == notice.session_id)
        return _locked(session, Pledge.id == opened.scalar_subquery())
    return _locked(session, Pledge.stripe_subscription == notice.subscription)


def _locked(session: Session, named: ColumnElement[bool]) -> Pledge | None:
    return session.scalar(
        select(Pledge)
        .where(named)
        .options(lazyload(Pledge.appeal), lazyload(Pledge.checkouts))
        .with_for_update()
    )


def payment_of(
    session: Session,
    *,
    intent: str | None = None,
    charge: str | None = None,
    invoice: str | None = None,
) -> Payment | None:
    """Find the payment by any of the gateway's ids, and lock its pledge."""
    keys = ((Payment.payment_intent, intent), (Payment.charge, charge), (Payment.invoice, invoice))
    named = [column == key for column, key in keys if key]
    if not named:
        return None
    return session.scalar(
        select(Payment)
        .join(Payment.pledge)
        .where(or_(*named))
        .options(joinedload(Payment.pledge, innerjoin=True))
        .with_for_update(of=Pledge)
        .execution_options(populate_existing=True)
    )
