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
    "declared": _l("They declared who gives, and that the donor may (%(donor)s)."),
    "charged": _l("Payment %(number)s was charged."),
    "marked": _l(
        "Payment %(number)s is above the law's threshold: the treasurer has until %(day)s to "
        "accept it or give it back."
    ),
    "decided_accepted": _l("Payment %(number)s was accepted by %(who)s: %(why)s."),
    "decided_returned": _l("Payment %(number)s does not stay with us, says %(who)s: %(why)s."),
    "decided_waiting": _l("Payment %(number)s is to be decided on anew, says %(who)s: %(why)s."),
    "arrived": _l("The money of payment %(number)s reached the bank on %(day)s."),
    "paid": _l(
        "Payment %(number)s of %(amount)s was taken by %(method)s "
        "(%(payment)s, %(intent)s, %(invoice)s)."
    ),
    "offline_entered": _l(
        "Payment %(number)s of %(amount)s, received by %(method)s on %(day)s, "
        "was entered (%(payment)s)."
    ),
    "offline_line_matched": _l("It is line %(line)s of the bank, of %(day)s."),
    "offline_line_returned": _l("It went out again with line %(line)s of the bank, of %(day)s."),
    "offline_undone": _l("It was undone, all %(amount)s of it: %(why)s."),
    "fee": _l("Stripe kept a fee of %(amount)s."),
    "warned": _l("The card's issuer warned that it may be fraud (%(why)s)."),
    "refund_wished": _l(
        "Somebody wished to give %(amount)s back, for which a second person has to agree: %(why)s."
    ),
    "refund_wish_granted": _l("A second person agreed to give %(amount)s back."),
    "refund_wish_refused": _l("The wish to give %(amount)s back was refused or taken back."),
    "held_look_again": _l("What was held is looked at again, says %(who)s: %(why)s."),
    "held_put_right": _l("What was held was put right at Stripe, says %(who)s: %(why)s."),
    "refund_asked": _l("We asked for %(amount)s to be given back: %(why)s."),
    "refund_refused": _l("Stripe refused to give it back (%(why)s)."),
    "refund": _l("%(amount)s was sent back to the payer (%(subject)s)."),
    "refund_failed": _l("The refund of %(amount)s failed; the money is ours again (%(subject)s)."),
    "dispute": _l("The payer's bank disputes %(amount)s (%(subject)s)."),
    "dispute_answer_by": _l("An answer to the dispute (%(why)s) is due by %(day)s."),
    "dispute_taken": _l("Stripe took %(amount)s for the dispute."),
    "dispute_returned": _l("Stripe gave %(amount)s back after the dispute."),
    "dispute_fee": _l("Stripe charged %(amount)s for the dispute."),
    "dispute_won": _l("The dispute was won: %(amount)s counts again."),
    "dispute_lost": _l("The dispute was lost: the money stays with the payer."),
    "aside": _l("It was put aside, because cards were being tested: nothing was charged."),
    "aside_written": _l("They were written a letter with a link to finish it."),
    "aside_finished": _l("They came back by that link."),
    "payout": _l("It went to the bank with payout %(subject)s, which arrives on %(day)s."),
    "receipt_sent": _l("The receipt was sent."),
    "receipt_waits": _l("The receipt waits to be sent."),
    "receipt_of_month_sent": _l("The receipt of payment %(number)s was sent."),
    "receipt_of_month_waits": _l("The receipt of payment %(number)s waits to be sent."),
    "notice": _l("Stripe told us: %(told)s (%(type)s; %(outcome)s)."),
    "notice_late": _l("Stripe told us, %(hours)s hours late: %(told)s (%(type)s; %(outcome)s)."),
    "not_taken": _l("In the end no money was taken."),
    "change_amount": _l("They asked to give %(amount)s each month."),
    "change_pause": _l("They asked for a pause until %(day)s."),
    "change_resume": _l("They asked to go on after a pause."),
    "change_heard": _l("Stripe has done as they asked."),
    "change_overtaken": _l("It had ended before Stripe could do so."),
    "change_refused": _l("Stripe would not do so, and we gave it up (%(why)s)."),
    "stop_asked": _l("They asked for it to stop."),
    "stopped": _l("It was stopped; nothing more will be taken."),
}

_NOTICES = {
    "checkout.session.completed": _l("they went through the payment page"),
    "checkout.session.async_payment_succeeded": _l("the Direct Debit has been paid"),
    "checkout.session.async_payment_failed": _l("the bank refused the Direct Debit"),
    "checkout.session.expired": _l("the payment page ran out of time"),
    "invoice.paid": _l("a month was paid"),
    "invoice.payment_failed": _l("a month could not be taken"),
    "invoice_payment.paid": _l("which payment paid the month"),
    "customer.subscription.updated": _l("something about the monthly payment changed"),
    "customer.subscription.deleted": _l("nothing more will be taken"),
    "customer.updated": _l("how they pay changed"),
    "payment_method.updated": _l("their card changed"),
    "payment_method.automatically_updated": _l("their card was renewed by its bank"),
    "charge.updated": _l("the fee can be asked for"),
    "refund.created": _l("money was sent back"),
    "refund.updated": _l("how the refund stands"),
    "refund.failed": _l("the refund failed"),
    "charge.refund.updated": _l("how the refund stands"),
    "charge.dispute.created": _l("the payer's bank disputes it"),
    "charge.dispute.updated": _l("how the dispute stands"),
    "charge.dispute.funds_withdrawn": _l("the disputed money was taken"),
    "charge.dispute.funds_reinstated": _l("the disputed money was returned"),
    "charge.dispute.closed": _l("the dispute is over"),
    "payment_intent.payment_failed": _l("a card was declined"),
    "radar.early_fraud_warning.created": _l("it may be fraud"),
}
_METHODS = {
    "card": _l("card"),
    "bacs_debit": _l("Direct Debit"),
    "cash": _l("cash"),
    "cheque": _l("cheque"),
    "standing-order": _l("standing order"),
    "bank": _l("bank transfer"),
    "-": _l("a way not known yet"),
}
_OUTCOMES = {
    "applied": _l("acted on"),
    "known": _l("we knew"),
    "unknown": _l("it speaks of nothing we know yet"),
    "held": _l("held for a person to look at"),
    "ignored": _l("nothing to do"),
    "-": _l("not looked at yet"),
}


def sentence(kind: str, values: Mapping[str, str]) -> str:
    """Put one step into words."""
    pence = values.get("amount", "")
    filled = {**values, "amount": str(Money(int(pence))) if pence.isdigit() else ""}
    if kind.startswith("notice"):
        told, outcome = values["type"], values["outcome"]
        filled["told"] = str(_NOTICES.get(told, told))
        filled["outcome"] = str(_OUTCOMES.get(outcome, outcome))
    if "method" in values:
        filled["method"] = str(_METHODS.get(values["method"], values["method"]))
    return str(_SENTENCES[kind]) % filled
