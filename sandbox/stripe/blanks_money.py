"""The blank objects of money that has moved; see `blanks`."""

from typing import Any

Record = dict[str, Any]

REFUND: Record = {
    "object": "refund",
    "balance_transaction": None,
    "currency": "gbp",
    "metadata": {},
    "payment_intent": None,
    "reason": None,
    "receipt_number": None,
    "source_transfer_reversal": None,
    "status": "succeeded",
    "transfer_reversal": None,
}

DISPUTE: Record = {
    "object": "dispute",
    "balance_transactions": [],
    "currency": "gbp",
    "enhanced_eligibility_types": [],
    "evidence": {
        "access_activity_log": None,
        "billing_address": None,
        "cancellation_policy": None,
        "cancellation_policy_disclosure": None,
        "cancellation_rebuttal": None,
        "customer_communication": None,
        "customer_email_address": None,
        "customer_name": None,
        "customer_purchase_ip": None,
        "customer_signature": None,
        "duplicate_charge_documentation": None,
        "duplicate_charge_explanation": None,
        "duplicate_charge_id": None,
        "enhanced_evidence": {},
        "product_description": None,
        "receipt": None,
        "refund_policy": None,
        "refund_policy_disclosure": None,
        "refund_refusal_explanation": None,
        "service_date": None,
        "service_documentation": None,
        "shipping_address": None,
        "shipping_carrier": None,
        "shipping_date": None,
        "shipping_documentation": None,
        "shipping_tracking_number": None,
        "uncategorized_file": None,
        "uncategorized_text": None,
    },
    "evidence_details": {
        "due_by": None,
        "enhanced_eligibility": {},
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
    },
    "is_charge_refundable": False,
    "livemode": False,
    "metadata": {},
    "payment_intent": None,
}

PAYOUT: Record = {
    "object": "payout",
    "application_fee": None,
    "application_fee_amount": None,
    "automatic": True,
    "balance_transaction": None,
    "currency": "gbp",
    "description": "STRIPE PAYOUT",
    "destination": "ba_sandbox",
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "livemode": False,
    "metadata": {},
    "method": "standard",
    "original_payout": None,
    "payout_method": None,
    "reconciliation_status": "in_progress",
    "reversed_by": None,
    "source_type": "card",
    "statement_descriptor": None,
    "status": "in_transit",
    "trace_id": None,
    "type": "bank_account",
}

PAYMENT_METHOD: Record = {
    "object": "payment_method",
    "allow_redisplay": "unspecified",
    "customer": None,
    "customer_account": None,
    "livemode": False,
    "metadata": {},
}

MANDATE: Record = {
    "object": "mandate",
    "livemode": False,
    "multi_use": {},
    "status": "pending",
    "type": "multi_use",
}

TRANSACTION: Record = {
    "object": "balance_transaction",
    "balance_type": "payments",
    "currency": "gbp",
    "description": None,
    "exchange_rate": None,
    "fee": 0,
    "fee_details": [],
    "status": "pending",
}
