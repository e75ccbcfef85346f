"""Locking what several notices speak of, in one order for everybody.

Two workers that each settle some notices in one transaction would else wait for each other's
pledges in a ring, and the database would end whichever it likes: one of them, or somebody who
waits behind them on a page.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from payments.models import Checkout, MonthlyStanding, Payment, Pledge
from payments.notices import Notice


def pledges_of(session: Session, notices: Sequence[Notice]) -> None:
    """Lock the pledges that these notices speak of, by their ids; a single notice locks its own."""
    if len(notices) < 2:  # noqa: PLR2004 -- one alone cannot be in a ring
        return
    named = {found for each in notices if (found := getattr(each, "pledge_id", None)) is not None}
    others = [each for each in notices if getattr(each, "pledge_id", None) is None]
    wanted = list(_by_names(others))
    if wanted:
        named |= set(session.scalars(union(*wanted)))
    if named:
        lock = select(Pledge.id).where(Pledge.id.in_(named)).order_by(Pledge.id)
        session.execute(lock.with_for_update())


def _by_names(notices: Sequence[Notice]) -> Iterator[Select[Any]]:
    """Find pledges by what Stripe calls things; only by names that were given."""
    columns: tuple[tuple[str, InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...] = (
        ("session_id", Checkout.pledge_id, Checkout.session_id),
        ("subscription", Pledge.id, Pledge.stripe_subscription),
        ("customer", Pledge.id, Pledge.stripe_customer),
        ("payment_method", MonthlyStanding.pledge_id, MonthlyStanding.payment_method),
        ("payment_intent", Payment.pledge_id, Payment.payment_intent),
        ("charge", Payment.pledge_id, Payment.charge),
        ("invoice", Payment.pledge_id, Payment.invoice),
    )
    for attribute, pledge_id, column in columns:
        given = {getattr(each, attribute, None) for each in notices}
        names = [name for name in given if isinstance(name, str)]
        if names:
            yield select(pledge_id).where(column.in_(names))
