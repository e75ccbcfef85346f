"""Payouts: money that goes from Stripe to the bank, and comes back when the bank refuses it."""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import insert_once
from payments import ledger
from payments.models import Payout, PayoutInquiry
from payments.models.money import PAYOUT_STATUSES
from payments.notices import PayoutState
from payments.settling import arriving
from payments.settling.rules import Applied

# How far each status has come; a payout that was paid may still fail (docs.stripe.com/api/payouts).
_RANK = {"pending": 0, "in_transit": 1, "paid": 2, "canceled": 3, "failed": 3}


def apply(session: Session, notice: PayoutState, *, now: dt.datetime) -> Applied:
    """Bring the books in line with how a payout stands.

    One of another currency comes out of a balance that is none of ours.
    """
    if notice.currency != "GBP":
        return Applied.UNKNOWN
    if notice.status not in PAYOUT_STATUSES:
        return Applied.HELD
    fresh = insert_once(session, Payout, _row(notice), unique="stripe_payout")
    row = session.scalars(
        select(Payout).where(Payout.stripe_payout == notice.payout).with_for_update()
    ).one()
    if row.amount_pence != notice.pence:
        return Applied.HELD
    if not fresh and _RANK[notice.status] <= _RANK[row.status]:
        return Applied.KNOWN
    row.status, row.changed_at = notice.status, notice.at
    row.arrives_on, row.failure = notice.arrives_on, notice.failure
    _book(session, row, now)
    return Applied.APPLIED


def _row(notice: PayoutState) -> dict[str, object]:
    return {
        "id": uuid.uuid4(),
        "stripe_payout": notice.payout,
        "amount_pence": notice.pence,
        "status": notice.status,
        "made_at": notice.made_at,
        "arrives_on": notice.arrives_on,
        "changed_at": notice.at,
        "failure": notice.failure,
    }


def _book(session: Session, row: Payout, now: dt.datetime) -> None:
    if row.status == "paid":
        ledger.book_payout(session, row, now=now)
        asked = {"payout_id": row.id, "due_at": now, "attempts": 0}
        insert_once(session, PayoutInquiry, asked, unique="payout_id")
    elif row.status in ("failed", "canceled"):
        ledger.book_payout_failed(session, row, now=now)
    arriving.follow(session, row, now=now)
