"""One door for every notice."""

import datetime as dt

from sqlalchemy.orm import Session

from payments.notices import (
    ChargeCleared,
    CheckoutState,
    DisputeState,
    FraudWarned,
    InvoicePaid,
    InvoiceSettledBy,
    InvoiceUnpaid,
    Notice,
    PaymentDeclined,
    PayoutState,
    RefundState,
    SubscriptionEnded,
    SubscriptionTouched,
)
from payments.protecting import watching
from payments.settling import (
    clearing,
    disputing,
    finding,
    paying_out,
    returning,
    taking,
    withholding,
)
from payments.settling.rules import Applied, Rules, Settled


def apply(session: Session, notice: Notice, *, rules: Rules, now: dt.datetime) -> Applied:
    """Bring our books in line with a notice, once, however often we are told."""
    return settle(session, notice, rules=rules, now=now).applied


def settle(session: Session, notice: Notice, *, rules: Rules, now: dt.datetime) -> Settled:
    """Do the same, and say whose pledge it was."""
    if rules.letters:
        return _settle(session, notice, rules, now)
    with withholding.letters(session, now=now):
        return _settle(session, notice, rules, now)


def _settle(session: Session, notice: Notice, rules: Rules, now: dt.datetime) -> Settled:
    match notice:
        case CheckoutState() | InvoicePaid() | InvoiceUnpaid() | SubscriptionEnded():
            return _of_pledge(session, notice, rules, now)
        case SubscriptionTouched():
            return taking.touched(session, notice, rules, now)
        case InvoiceSettledBy():
            return clearing.link(session, notice, now=now)
        case PayoutState() | PaymentDeclined():
            return _of_nobody(session, notice, rules, now)
    return _of_payment(session, notice, rules, now)


def _of_nobody(
    session: Session, notice: PayoutState | PaymentDeclined, rules: Rules, now: dt.datetime
) -> Settled:
    if notice.livemode != rules.livemode:
        return Settled(Applied.HELD)
    match notice:
        case PayoutState():
            return Settled(paying_out.apply(session, notice, now=now))
        case PaymentDeclined():
            new = watching.note(session, notice)
            return Settled(Applied.APPLIED if new else Applied.KNOWN)


def _of_pledge(
    session: Session,
    notice: CheckoutState | InvoicePaid | InvoiceUnpaid | SubscriptionEnded,
    rules: Rules,
    now: dt.datetime,
) -> Settled:
    pledge = finding.pledge_of(session, notice)
    if pledge is None:
        return Settled(Applied.UNKNOWN)
    if notice.livemode != rules.livemode:
        return Settled(Applied.HELD, pledge.id)
    match notice:
        case CheckoutState():
            applied = taking.checkout(session, pledge, notice, rules, now)
        case InvoicePaid():
            applied = taking.invoice(session, pledge, notice, rules, now)
        case InvoiceUnpaid():
            applied = taking.unpaid(session, pledge, notice, rules, now)
        case SubscriptionEnded():
            applied = taking.ended(session, pledge, notice, rules, now)
    return Settled(applied, pledge.id)


def _of_payment(
    session: Session,
    notice: ChargeCleared | RefundState | DisputeState | FraudWarned,
    rules: Rules,
    now: dt.datetime,
) -> Settled:
    charge = None if isinstance(notice, ChargeCleared) else notice.charge
    payment = finding.payment_of(session, intent=notice.payment_intent, charge=charge)
    if payment is None:
        return Settled(Applied.UNKNOWN)
    if notice.livemode != rules.livemode:
        return Settled(Applied.HELD, payment.pledge_id)
    match notice:
        case ChargeCleared():
            applied = clearing.cleared(session, payment, notice, now=now)
        case RefundState():
            applied = returning.apply(session, payment, notice, rules=rules, now=now)
        case DisputeState():
            applied = disputing.apply(session, payment, notice, rules=rules, now=now)
        case FraudWarned():
            applied = disputing.warned(session, payment, notice)
    return Settled(applied, payment.pledge_id)
