"""The steps of a payment's story, in plain words."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.money import Money

_SENTENCES = {
    "pledged": _l("Somebody set out to give %(amount)s."),
    "checkout_open": _l("A payment page was opened (try %(attempt)s, %(session)s)."),
    "checkout_complete": _l("They went through the payment page (%(session)s)."),
    "checkout_expired": _l("The payment page ran out of time unpaid (%(session)s)."),
    "checkout_refused": _l("Stripe refused to open a payment page (try %(attempt)s)."),
    "paid": _l(
        "Payment %(number)s of %(amount)s was taken by %(method)s "
        "(%(payment)s, %(intent)s, %(invoice)s)."
    ),
    "fee": _l("Stripe kept a fee of %(amount)s."),
    "warned": _l("The card's issuer warned that it may be fraud (%(why)s)."),
    "refund_asked": _l("We asked for %(amount)s to be given back: %(why)s."),
    "refund_refused": _l("Stripe refused to give it back (%(why)s)."),
    "refund": _l("%(amount)s was given back (%(subject)s)."),
    "refund_failed": _l("The refund of %(amount)s failed; the money is ours again (%(subject)s)."),
    "dispute": _l("The payer's bank disputes %(amount)s (%(subject)s)."),
    "dispute_answer_by": _l("An answer to the dispute (%(why)s) is due by %(day)s."),
    "dispute_taken": _l("Stripe took %(amount)s for the dispute."),
    "dispute_returned": _l("Stripe gave %(amount)s back after the dispute."),
    "dispute_fee": _l("Stripe charged %(amount)s for the dispute."),
    "dispute_won": _l("The dispute was won: %(amount)s counts again."),
    "dispute_lost": _l("The dispute was lost: the money stays with the payer."),
    "payout": _l("It went to the bank with payout %(subject)s, which arrives on %(day)s."),
    "receipt_sent": _l("The receipt was sent."),
    "receipt_waits": _l("The receipt waits to be sent."),
    "notice": _l("Stripe told us: %(type)s (%(outcome)s)."),
    "stop_asked": _l("They asked for it to stop."),
    "stopped": _l("It was stopped; nothing more will be taken."),
}


def sentence(kind: str, values: Mapping[str, str]) -> str:
    """Put one step into words."""
    pence = values.get("amount", "")
    filled = {**values, "amount": str(Money(int(pence))) if pence.isdigit() else ""}
    return str(_SENTENCES[kind]) % filled
