"""The steps of a story: what there is to tell of a pledge, its payments and their money."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.clock import LONDON
from core.outbox import OutboxMail
from payments.law import telling as law
from payments.models import (
    BankLine,
    Checkout,
    Dispute,
    FraudWarning,
    HeldSettlement,
    LedgerTransaction,
    MonthlyChange,
    OfflineEntry,
    Payment,
    Payout,
    Pledge,
    Quarantine,
    RefundRequest,
    RefundWish,
    WebhookEvent,
)

_LATE = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `kind` names the sentence, `values` fill it."""

    at: dt.datetime
    kind: str
    values: dict[str, str] = field(default_factory=dict)


def of_quarantine(row: Quarantine | None) -> list[Step]:
    """Tell of a pledge that was put aside under attack, if it was."""
    if row is None:
        return []
    moments = {"aside": row.kept_at, "aside_written": row.written_at}
    moments["aside_finished"] = row.released_at
    return [Step(at, kind) for kind, at in moments.items() if at is not None]


def of_checkout(checkout: Checkout) -> list[Step]:
    """Tell of a try to pay."""
    values = {"session": checkout.session_id or "-", "attempt": str(checkout.attempt)}
    return [Step(checkout.created_at, f"checkout_{checkout.state}", values)]


def of_change(change: MonthlyChange) -> list[Step]:
    """Tell what a monthly giver wished, and what became of the wish."""
    values = {
        "amount": str(change.amount_pence or ""),
        "day": change.until.astimezone(LONDON).date().isoformat() if change.until else "-",
        "why": change.last_error or "-",
    }
    steps = [Step(change.asked_at, f"change_{change.kind}", values)]
    if change.done_at is not None:
        kind = "change_overtaken" if change.last_error else "change_heard"
        steps.append(Step(change.done_at, kind, values))
    elif change.due_at is None:
        steps.append(Step(change.asked_at, "change_refused", values))
    return steps


def of_payment(session: Session, payment: Payment) -> list[Step]:
    """Tell of a payment and all that became of its money."""
    values = {
        "payment": str(payment.id),
        "number": str(payment.number),
        "amount": str(payment.amount_pence),
        "method": payment.method or "-",
        "intent": payment.payment_intent or "-",
        "invoice": payment.invoice or "-",
    }
    if payment.offline:
        return [*_of_offline(session, payment), *_of_receipt(session, payment, values)]
    steps = [Step(payment.paid_at, "paid", values)]
    steps += [
        Step(row.moved_at, *_told(row))
        for row in session.scalars(
            select(LedgerTransaction)
            .where(LedgerTransaction.payment_id == payment.id, LedgerTransaction.kind != "payment")
            .options(selectinload(LedgerTransaction.entries))
        )
    ]
    steps += _beside_the_ledger(session, payment)
    steps += _of_wishes(session, payment)
    steps += [Step(*told) for told in law.of_payment(session, payment)]
    return steps + _of_receipt(session, payment, values)


def _of_offline(session: Session, payment: Payment) -> list[Step]:
    """Tell of a payment that came past Stripe: received, entered, perhaps undone."""
    entry = session.get_one(OfflineEntry, payment.id)
    values = {
        "payment": str(payment.id),
        "number": str(payment.number),
        "amount": str(payment.amount_pence),
        "method": payment.method or "-",
        "day": f"{entry.received_on:%d %b %Y}",
    }
    steps = [Step(entry.entered_at, "offline_entered", values)]
    lines = select(BankLine).where(BankLine.payment_id == payment.id)
    for line in session.scalars(lines.order_by(BankLine.id)):
        told = {"line": str(line.id), "day": f"{line.on_day:%d %b %Y}"}
        steps.append(Step(line.imported_at, f"offline_line_{line.state}", told))
    for refund in payment.refunds:
        told = {"amount": str(refund.amount_pence), "why": refund.reason or ""}
        steps.append(Step(refund.changed_at, "offline_undone", told))
    steps += _of_wishes(session, payment)
    steps += [Step(*told) for told in law.of_payment(session, payment)]
    return steps


def _of_receipt(session: Session, payment: Payment, values: dict[str, str]) -> list[Step]:
    """Tell what became of the receipt, if there is one."""
    receipt = session.scalar(select(OutboxMail).where(OutboxMail.key == f"receipt:{payment.id}"))
    if receipt is None:
        return []
    kind = "receipt_of_month" if payment.pledge.monthly else "receipt"
    state = "waits" if receipt.done_at is None else "sent"
    return [Step(receipt.done_at or receipt.created_at, f"{kind}_{state}", values)]


def _told(row: LedgerTransaction) -> tuple[str, dict[str, str]]:
    """Tell a movement: its kind, the amount, and the gateway's id of what moved."""
    at_stripe = sum(entry.pence for entry in row.entries if entry.account == "stripe")
    moved = at_stripe or max(entry.pence for entry in row.entries)
    kind = row.kind.replace("-", "_")
    if row.kind == "dispute-money":
        kind = "dispute_taken" if at_stripe < 0 else "dispute_returned"
    return kind, {"amount": str(abs(moved)), "subject": row.key.partition(":")[2]}


def _beside_the_ledger(session: Session, payment: Payment) -> list[Step]:
    """Tell what moved no money, or whole payouts of it."""
    steps = [
        Step(each.warned_at, "warned", {"why": each.kind})
        for each in session.scalars(
            select(FraudWarning).where(FraudWarning.payment_id == payment.id)
        )
    ]
    asked = select(RefundRequest).where(RefundRequest.payment_id == payment.id)
    for request in session.scalars(asked):
        values = {"amount": str(request.amount_pence), "why": request.why}
        steps.append(Step(request.asked_at, "refund_asked", values))
        if request.due_at is None and request.stripe_refund is None:
            steps.append(
                Step(request.asked_at, "refund_refused", {"why": request.last_error or ""})
            )
    for dispute in session.scalars(select(Dispute).where(Dispute.payment_id == payment.id)):
        if dispute.answer_by and dispute.closed_at is None:
            values = {"day": f"{dispute.answer_by:%d %b %Y}", "why": dispute.reason}
            steps.append(Step(dispute.opened_at, "dispute_answer_by", values))
        if dispute.closed_at and dispute.status == "lost":
            steps.append(Step(dispute.closed_at, "dispute_lost"))
    if payment.payout_id is not None:
        payout = session.get_one(Payout, payment.payout_id)
        values = {"subject": payout.stripe_payout, "day": f"{payout.arrives_on:%d %b %Y}"}
        steps.append(Step(payout.made_at, "payout", values))
    return steps


def _of_wishes(session: Session, payment: Payment) -> list[Step]:
    """Tell of wishes to give money back for which a second person was needed."""
    steps = []
    wanted = select(RefundWish).where(RefundWish.payment_id == payment.id, RefundWish.needs_second)
    for wish in session.scalars(wanted):
        values = {"amount": str(wish.amount_pence), "why": wish.why}
        steps.append(Step(wish.asked_at, "refund_wished", values))
        if wish.decided_at is not None:
            steps.append(Step(wish.decided_at, f"refund_wish_{wish.state}", values))
    return steps


def of_settlements(session: Session, pledge: Pledge) -> list[Step]:
    """Tell what was decided where something was held for a person to look at."""
    wanted = select(HeldSettlement).where(HeldSettlement.pledge_id == pledge.id)
    return [
        Step(row.at, f"held_{row.decision.replace('-', '_')}", {"who": row.who, "why": row.why})
        for row in session.scalars(wanted.order_by(HeldSettlement.id))
    ]


def of_notices(session: Session, pledge: Pledge) -> list[Step]:
    """Tell what Stripe told."""
    wanted = select(WebhookEvent).where(WebhookEvent.pledge_id == pledge.id)
    return [_told_by_stripe(event) for event in session.scalars(wanted)]


def _told_by_stripe(event: WebhookEvent) -> Step:
    """Tell a notice as of when it was so; one that came late says how late."""
    values = {"type": event.type, "outcome": event.outcome or "-"}
    late = event.received_at - event.created
    if late < _LATE:
        return Step(event.created, "notice", values)
    hours = str(int(late.total_seconds() // 3600))
    return Step(event.created, "notice_late", {**values, "hours": hours})
