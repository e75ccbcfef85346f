"""Payouts: what each is made of, so that every penny at the bank has its payments."""

import datetime as dt
import logging

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import insert_once, transaction
from payments import ledger
from payments.gateway import Gateway, GatewayUnavailable, PaymentRefused
from payments.models import (
    Dispute,
    Payment,
    Payout,
    PayoutInquiry,
    PayoutLine,
    Refund,
)
from payments.notices import BalanceLine
from payments.settling import arriving, clearing
from payments.trying import put_off_if_it_fails

_log = logging.getLogger(__name__)
# A line that speaks of nothing we know is looked at again so many times, which takes a day: its own
# notice may be late. Days on which nobody looks do not count.
_TRIES = 32
_UNKNOWN = "speaks of nothing known"
# An earlier payout that came back and goes out again with this one; its own notice has booked it.
_CAME_BACK = arriving.CAME_BACK


class StillUnknown(Exception):
    """A line of the payout speaks of something that we have not been told of yet."""


def ask_lines(gateway: Gateway) -> int:
    """Ask what payouts are made of, and match each line to what we know."""
    with transaction() as session:
        taken = leasing.claim(session, PayoutInquiry, now=clock.now())
        names = {row.id: session.get_one(Payout, row.payout_id).stripe_payout for row in taken}
    for row in taken:
        with put_off_if_it_fails(PayoutInquiry, row.id):
            _ask_lines(gateway, row, names[row.id])
    return len(taken)


def _ask_lines(gateway: Gateway, row: PayoutInquiry, name: str) -> None:
    try:
        lines = list(gateway.payout_lines(name))
        with transaction() as session:
            payout = session.get_one(Payout, row.payout_id, with_for_update=True)
            keep_lines(session, payout, lines, patient=_patient(row), now=clock.now())
            leasing.done(session.get_one(PayoutInquiry, row.id), now=clock.now())
    except (GatewayUnavailable, PaymentRefused, StillUnknown) as error:
        _log.warning("payout not matched yet", extra={"payout": name})
        with transaction() as session:
            leasing.put_off(session, PayoutInquiry, row.id, str(error), now=clock.now())


def keep_lines(
    session: Session, payout: Payout, lines: list[BalanceLine], *, patient: bool, now: dt.datetime
) -> None:
    """Keep what a payout is made of, each line once, and book what was not booked.

    Raises:
        StillUnknown: a line may be ours and is not known yet; nothing is kept. Who is not `patient`
            any more books it as none of ours, unless it can be a payment of ours whose charge we
            have not been told.
    """
    for line in lines:
        payment = _payment_of(session, line)
        unknown = payment is None and not _speaks_of_no_payment(line)
        if unknown and (patient or _may_be_ours(session, line)):
            raise StillUnknown(f"a {line.kind} {_UNKNOWN}")
        row = {
            "payout_id": payout.id,
            "balance_transaction": line.line,
            "kind": line.kind,
            "source": line.source,
            "amount_pence": line.pence,
            "fee_pence": line.fee_pence,
            "net_pence": line.pence - line.fee_pence,
            "payment_id": payment.id if payment else None,
        }
        if insert_once(session, PayoutLine, row, unique="balance_transaction"):
            _book(session, payout, payment, line, now)
    payout.lines_at = now
    payout.line_count, payout.lines_net_pence = _made_of(session, payout)
    arriving.follow(session, payout, now=now)


def _made_of(session: Session, payout: Payout) -> tuple[int, int]:
    """Return of how many lines a payout is made by now, and what they come to in pence."""
    net = func.coalesce(func.sum(PayoutLine.net_pence), 0)
    lines = select(func.count(), net).where(PayoutLine.payout_id == payout.id)
    count, pence = session.execute(lines).one()
    return count, int(pence)


def _book(
    session: Session, payout: Payout, payment: Payment | None, line: BalanceLine, now: dt.datetime
) -> None:
    if line.kind in _CAME_BACK:
        return
    if payment is None:
        kept = select(PayoutLine).where(PayoutLine.balance_transaction == line.line)
        ledger.book_line(session, session.scalars(kept).one(), moved_at=line.at, now=now)
    elif line.kind in ("charge", "payment"):
        payment.payout_id = payout.id
        clearing.fee_known(session, payment, line.fee_pence, now=now)
    elif line.kind == "adjustment":
        ledger.book_dispute_line(session, payment, line, now=now)


def _patient(row: PayoutInquiry) -> bool:
    """Say whether to wait on: for a day of looking, of which the last look was answered."""
    return row.attempts < _TRIES or not (row.last_error or "").endswith(_UNKNOWN)


def _may_be_ours(session: Session, line: BalanceLine) -> bool:
    charges = line.kind in ("charge", "payment")
    nameless = select(Payment.id).where(
        Payment.charge.is_(None),
        Payment.amount_pence == line.pence,
        or_(Payment.payment_intent.is_not(None), Payment.invoice.is_not(None)),
    )
    return charges and session.scalar(nameless.limit(1)) is not None


def _payment_of(session: Session, line: BalanceLine) -> Payment | None:
    """Find the payment that a line moved: by its charge, its refund or its dispute."""
    if line.source is None:
        return None
    for query in (
        select(Payment).where(Payment.charge == line.source),
        select(Payment).join(Payment.refunds).where(Refund.stripe_refund == line.source),
        select(Payment).join(Payment.disputes).where(Dispute.stripe_dispute == line.source),
    ):
        found = session.scalar(query)
        if found is not None:
            return found
    return None


def _speaks_of_no_payment(line: BalanceLine) -> bool:
    """Say whether a line is a charge of Stripe's own, or an earlier payout that came back."""
    return "fee" in line.kind or line.kind in _CAME_BACK
