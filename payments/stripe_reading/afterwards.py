"""What charges, refunds, disputes and payouts say of money that was taken before."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from payments.notices import (
    BalanceLine,
    ChargeCleared,
    DisputeState,
    FraudWarned,
    PayoutState,
    RefundState,
)
from payments.stripe_values import id_of, moment, name, pence


def charge_cleared(found: Mapping[str, Any]) -> ChargeCleared | None:
    """Return that the fee of a charge is known; None while it is not."""
    intent = id_of(found.get("payment_intent"))
    if intent is None or found.get("balance_transaction") is None:
        return None
    return ChargeCleared(intent, livemode=found["livemode"], charged_at=moment(found["created"]))


def refund_state(
    found: Mapping[str, Any], *, at: dt.datetime | None, livemode: bool
) -> RefundState:
    """Return how a refund stands; the object itself does not say whether it is real money."""
    made_at = moment(found["created"])
    return RefundState(
        refund=name(found["id"]),
        payment_intent=id_of(found.get("payment_intent")),
        charge=id_of(found.get("charge")),
        pence=pence(found["amount"]),
        currency=str(found["currency"]).upper(),
        status=str(found.get("status") or "pending"),
        reason=found.get("reason"),
        livemode=livemode,
        made_at=made_at,
        at=at or made_at,
    )


def dispute_state(found: Mapping[str, Any], *, at: dt.datetime | None) -> DisputeState:
    """Return how a dispute stands, with the money that it has moved so far."""
    opened_at = moment(found["created"])
    answer_by = (found.get("evidence_details") or {}).get("due_by")
    lines = tuple(balance_line(each) for each in found.get("balance_transactions") or ())
    return DisputeState(
        dispute=name(found["id"]),
        payment_intent=id_of(found.get("payment_intent")),
        charge=id_of(found.get("charge")),
        pence=pence(found["amount"]),
        currency=str(found["currency"]).upper(),
        status=str(found["status"]),
        reason=str(found.get("reason") or "general"),
        livemode=found["livemode"],
        opened_at=opened_at,
        answer_by=moment(answer_by) if answer_by else None,
        at=at or max((line.at for line in lines), default=opened_at),
        lines=lines,
    )


def fraud_warned(found: Mapping[str, Any]) -> FraudWarned:
    """Return what an early fraud warning says."""
    return FraudWarned(
        warning=name(found["id"]),
        payment_intent=id_of(found.get("payment_intent")),
        charge=id_of(found.get("charge")),
        kind=str(found["fraud_type"]),
        livemode=found["livemode"],
        at=moment(found["created"]),
    )


def payout_state(found: Mapping[str, Any], *, at: dt.datetime | None) -> PayoutState:
    """Return how a payout stands. Its day of arrival is a day, told as its midnight in UTC."""
    made_at = moment(found["created"])
    return PayoutState(
        payout=name(found["id"]),
        pence=pence(found["amount"]),
        currency=str(found["currency"]).upper(),
        status=str(found["status"]),
        livemode=found["livemode"],
        made_at=made_at,
        arrives_on=moment(found["arrival_date"]).date(),
        at=at or made_at,
        failure=found.get("failure_code"),
    )


def balance_line(found: Mapping[str, Any]) -> BalanceLine:
    """Return what one balance transaction moved."""
    return BalanceLine(
        line=name(found["id"]),
        kind=str(found["type"]),
        source=id_of(found.get("source")),
        pence=pence(found["amount"]),
        fee_pence=pence(found["fee"]),
        at=moment(found["created"]),
    )
