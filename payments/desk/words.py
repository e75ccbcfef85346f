"""The words of the desks of money and messages."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.money import Money
from payments.models import BankLine
from payments.models.money import OFFLINE_METHODS
from payments.offline.commands import words as of_commands
from payments.offline.entering import Fault
from payments.offline.suggesting import Suggestion
from payments.refunding import NotRefundable

KINDS: Mapping[str, object] = {
    "donation": _l("single gift"),
    "monthly": _l("monthly gift"),
    "dues": _l("dues"),
    "offline": _l("past Stripe"),
}
STATES: Mapping[str, object] = {
    "given-back": _l("given back"),
    "disputed": _l("disputed"),
}
STATUSES: Mapping[str, object] = {
    "paid": _l("paid"),
    "part-refunded": _l("given back in part"),
    "refunded": _l("given back"),
    "disputed": _l("disputed"),
    "lost": _l("lost to a dispute"),
}
METHODS: Mapping[str, object] = {
    "card": _l("card"),
    "bacs_debit": _l("Direct Debit"),
    "cash": _l("cash"),
    "cheque": _l("cheque"),
    "standing-order": _l("standing order"),
    "bank": _l("bank transfer"),
    "": _l("a way not known yet"),
}
OFFLINE = {each: METHODS[each] for each in OFFLINE_METHODS}
DISPUTES: Mapping[str, object] = {
    "warning_needs_response": _l("the bank asks; answer it"),
    "warning_under_review": _l("the bank asks; answered"),
    "warning_closed": _l("the bank asked, and left it at that"),
    "needs_response": _l("answer it"),
    "under_review": _l("answered; the bank decides"),
    "prevented": _l("prevented"),
    "won": _l("won: the money is ours"),
    "lost": _l("lost: the money is the payer's"),
}
PAYOUTS: Mapping[str, object] = {
    "pending": _l("being made ready"),
    "in_transit": _l("on its way"),
    "paid": _l("paid"),
    "failed": _l("the bank sent it back"),
    "canceled": _l("called off"),
}
HELD: Mapping[str, object] = {
    "amount": _l("Stripe took another amount, or another currency, than was agreed to here."),
    "mode": _l("Stripe took it once where it was to be monthly, or the other way round."),
    "no payment behind it": _l("Stripe says that it is paid, and names no payment."),
    "paid outside of Stripe": _l("Somebody marked its invoice at Stripe as paid elsewhere."),
    "a second subscription": _l("There are two agreements at Stripe, and both take money."),
}
HELD_HELP: Mapping[str, object] = {
    "amount": _l("Find it at Stripe, and give it back there, or have the giver change the amount."),
    "mode": _l("Find it at Stripe, and give it back there."),
    "no payment behind it": _l("Look at Stripe whether money came; if it did, give it back there."),
    "paid outside of Stripe": _l(
        "If the money came another way, enter it under Cash and cheques; then say so here."
    ),
    "a second subscription": _l("End one of them at Stripe, and give back what it took."),
}
WARNED = _l(
    "Give it back in whole before the payer's bank asks for it: then there is no dispute, and no "
    "fee for one. A dispute may come any day, so do it today."
)
SECTIONS: Mapping[str, object] = {
    "gifts": _l("Gifts"),
    "dues": _l("Dues"),
    "refunds": _l("Given back"),
    "disputes": _l("Disputes"),
    "fees": _l("What it cost"),
    "other": _l("Other"),
}
LINES: Mapping[str, object] = {
    "waiting": _l("waits"),
    "matched": _l("booked"),
    "returned": _l("a gift that went back"),
    "payout": _l("a payout of Stripe's"),
    "not-a-gift": _l("not ours to book"),
    "out": _l("money out"),
}
FOUND: Mapping[str, object] = {
    "email": _l("Payments of this e-mail address"),
    "id": _l("Payments of this reference"),
    "amount": _l("Payments of this amount"),
    "day": _l("Payments of this day"),
    "name": _l("Payments of people of this name"),
}
DONORS: Mapping[str, object] = {
    "individual": _l("a person"),
    "company": _l("a company"),
    "trade-union": _l("a trade union"),
    "llp": _l("a limited liability partnership"),
    "building-society": _l("a building society"),
    "registered-society": _l("a registered society"),
    "association": _l("an unincorporated association"),
    "party": _l("a registered party"),
}
_NOT_BACK = {
    "offline": _l("It did not come through Stripe: give it back by hand, then undo it here."),
    "unknown": _l("Stripe has not told us yet which payment it was. Try again in a few minutes."),
    "disputed": _l("The payer's bank disputes it, and decides about the money."),
}
_SUGGESTIONS = {
    "doubt": _l("A line like it is kept with another balance: it may be the same line again."),
    "stripe": _l("It looks like Stripe's, and fits no payout that we know of yet."),
    "returns": _l("It may take back what line %(line)s brought."),
    "returns-waiting": _l("It may take back line %(line)s, which waits as well."),
    "entered": _l(
        "It may be what was entered by hand (%(method)s of %(day)s, %(title)s): then it is no gift "
        "of its own."
    ),
    "as-before": _l("Lines like it are a gift of %(who)s to %(title)s."),
    "has-ended": _l("Lines like it were a gift of %(who)s to %(title)s, which has ended."),
    "other-amount": _l("This text was %(amount)s of %(who)s to %(title)s before."),
    "like": _l("It is nearly the text of a gift of %(who)s to %(title)s (%(text)s)."),
    "appeal": _l("It names an appeal."),
}
_FAULTS = {
    "looks-like": _l("This looks like one that was entered already. Is it another one?"),
    "no-such-appeal": _l("There is no such appeal."),
    "dues-held": _l("These dues are held for a person to look at; their page says why."),
    "not-one-of": _l("Choose one of these."),
}
_NOT_SO = {
    "matched": _l("It is booked already."),
    "payout": _l("It is a payout of Stripe's already."),
    "not-a-gift": _l("It was put aside already."),
    "returned": _l("It is a gift that went back."),
    "out": _l("It is money that went out."),
    "money-out": _l("It is money that went out. Where it takes a gift back, undo that gift."),
    "no-purpose": _l("Say what it is for: an appeal, dues, or the same as before."),
    "two-givers": _l("Choose somebody as before, or fill in who gave; not both."),
    "nothing-decided": _l("Nothing was decided of it, so there is nothing to take back."),
    "changed": _l("It was decided on anew since you opened this page. Look again before you undo."),
    "at-once": _l("Somebody decides the same at this moment; look again."),
}
_DECIDED = {
    "bank-matched": _l("%(who)s has booked it; nothing of yours was kept."),
    "bank-not-ours": _l("%(who)s has put it aside; nothing of yours was kept."),
    "bank-undone": _l("%(who)s has taken the decision on it back; nothing of yours was kept."),
}


def not_back(error: NotRefundable) -> str:
    """Say why money cannot be given back."""
    if error.why in _NOT_BACK:
        return str(_NOT_BACK[error.why])
    if error.left_pence <= 0:
        return str(_("Nothing of it is left to give back."))
    return str(_("%(left)s of it can be given back.", left=str(Money(error.left_pence))))


def fault(found: Fault, label: str) -> str:
    """Say what is wrong with a field, by its label."""
    if found.why in _FAULTS:
        return str(_FAULTS[found.why])
    return f"{label} {of_commands.why(found)}."


def not_so(why: str) -> str:
    """Say why a line of the bank cannot be decided on so."""
    if why in _NOT_SO:
        return str(_NOT_SO[why])
    said = str(of_commands.NOT_SO[why])
    return f"{said[0].upper()}{said[1:]}."


def decided_meanwhile(who: str | None, what: str) -> str:
    """Say who has decided on a line of the bank meanwhile, and what."""
    return str(_DECIDED[what]) % {"who": who or _("Somebody")}


def suggestion(found: Suggestion, line: BankLine) -> str:
    """Say what a line of the bank may be."""
    values = {**found.values, "own": str(line.id)}
    values["who"] = values.get("name") or _("somebody unnamed")
    values["method"] = str(METHODS.get(values.get("method", ""), ""))
    if "amount" in values:
        values["amount"] = str(Money(int(values["amount"])))
    return str(_SUGGESTIONS[found.kind]) % values
