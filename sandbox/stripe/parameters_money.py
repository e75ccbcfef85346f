"""What the endpoints of money take: refunds, disputes, payouts, and the lists of these."""

from sandbox.stripe.blanks_money import DISPUTE
from sandbox.stripe.parameters import EXPAND, PAGE, RANGE
from sandbox.stripe.takes import Checker, boolean, choice, group, integer, metadata, text, unset


def moment(value: object, name: str) -> object:
    """A time, or a range of times."""
    return integer(0)(value, name) if isinstance(value, str) else RANGE(value, name)


CREATE_REFUND = group(
    {
        **EXPAND,
        "amount": integer(1),
        "charge": text(),
        "metadata": metadata,
        "payment_intent": text(),
        "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    },
    not_here=frozenset(
        {
            "currency",
            "customer",
            "instructions_email",
            "origin",
            "refund_application_fee",
            "reverse_transfer",
        }
    ),
)
UPDATE_REFUND = group({**EXPAND, "metadata": metadata})

FILES = {
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
}
EVIDENCE: dict[str, Checker] = {
    name: unset(text(20_000)) for name in DISPUTE["evidence"].keys() - FILES - {"enhanced_evidence"}
}
UPDATE_DISPUTE = group(
    {
        **EXPAND,
        "evidence": group(EVIDENCE, not_here=frozenset(FILES | {"enhanced_evidence"})),
        "metadata": metadata,
        "submit": boolean,
    }
)

OF_A_PAYMENT = group({**PAGE, "charge": text(), "payment_intent": text()})
LIST_CHARGES = group(
    {**PAGE, "customer": text(), "payment_intent": text()},
    not_here=frozenset({"transfer_group"}),
)
LIST_INTENTS = group({**PAGE, "customer": text()}, not_here=frozenset({"customer_account"}))
LIST_INVOICE_PAYMENTS = group(
    {
        **PAGE,
        "invoice": text(),
        "payment": group(
            {"payment_intent": text(), "type": choice("payment_intent")}, required=("type",)
        ),
        "status": choice("canceled", "open", "paid"),
    }
)
LIST_TRANSACTIONS = group(
    {
        **PAGE,
        "currency": choice("gbp"),
        "payout": text(),
        "source": text(),
        "type": text(),
    }
)
LIST_PAYOUTS = group(
    {
        **PAGE,
        "arrival_date": moment,
        "status": choice("canceled", "failed", "in_transit", "paid", "pending"),
    },
    not_here=frozenset({"destination"}),
)
