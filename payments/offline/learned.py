"""What was learned from decisions on earlier lines: which text and amount is whose gift."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager

from payments.models import Appeal, BankLine, BankRule, OfflineEntry, Payment, Refund

# Words that may stand on anybody's line, and so say nothing of who gave.
_ANYBODYS = frozenset(
    (
        *("bacs", "bank", "bgc", "by", "card", "credit", "cr", "faster", "fpi", "from", "in"),
        *("inward", "of", "online", "order", "paid", "payment", "payments", "received", "ref"),
        *("st", "standing", "sto", "so", "the", "to", "transfer", "tfr", "via", "app", "mobile"),
        *("donation", "dues", "fund", "gift", "member", "membership", "subs", "subscription"),
    )
)
# What is paid in over a counter may be anybody's, whatever else the line says (the branch's name).
_OVER_A_COUNTER = frozenset(
    ("atm", "cash", "cheque", "cheques", "chq", "counter", "dep", "deposit", "paying")
)


@dataclass(frozen=True, slots=True)
class Learned:
    """The rules in use, by text and amount, and those of a text whatever the amount."""

    exact: dict[tuple[str, int], BankRule]
    by_text: dict[str, BankRule]


def rules_in_use(session: Session) -> Learned:
    """Return what was learned, without what was learned from a payment that was undone since."""
    undone = select(Refund.id).where(
        Refund.payment_id == BankRule.payment_id, Refund.stripe_refund.is_(None)
    )
    wanted = (
        select(BankRule)
        .join(BankRule.payment)
        .join(Payment.pledge)
        .where(BankRule.forgotten_at.is_(None), ~undone.exists())
        .options(contains_eager(BankRule.payment).contains_eager(Payment.pledge))
        .order_by(BankRule.id)
    )
    found = list(session.scalars(wanted))
    return Learned(
        {(rule.folded, rule.pence): rule for rule in found}, {rule.folded: rule for rule in found}
    )


def tells_somebody(session: Session, folded: str) -> bool:
    """Say whether a text says who gave: more than what for, and what stands on anybody's line."""
    words = _words(folded)
    named = session.execute(select(Appeal.slug, Appeal.title))
    purposes = {word for row in named for text in row for word in _words(text.casefold())}
    telling = [word for word in words if len(word) > 1 and word not in _ANYBODYS | purposes]
    return bool(telling) and _OVER_A_COUNTER.isdisjoint(words)


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalpha() else " " for letter in text).split()


def learn(session: Session, line: BankLine, payment: Payment, *, now: dt.datetime) -> bool:
    """Learn from a line and the payment that it was found to be; say whether there is a rule now.

    A later decision on the same text and amount takes the place of the earlier.
    """
    if not tells_somebody(session, line.folded):
        return False
    forget(session, line, now=now)
    rule = BankRule(
        folded=line.folded,
        pence=line.pence,
        line_id=line.id,
        payment_id=payment.id,
        learned_at=now,
    )
    session.add(rule)
    session.flush()
    return True


def forget(session: Session, line: BankLine, *, now: dt.datetime) -> None:
    """Forget what was learned of lines like this one."""
    session.execute(
        update(BankRule)
        .where(
            BankRule.folded == line.folded,
            BankRule.pence == line.pence,
            BankRule.forgotten_at.is_(None),
        )
        .values(forgotten_at=now)
    )


def forget_one(session: Session, rule_id: int, *, now: dt.datetime) -> bool:
    """Forget a rule; say whether it was in use."""
    found = session.get(BankRule, rule_id, with_for_update=True)
    if found is None or found.forgotten_at is not None:
        return False
    found.forgotten_at = now
    return True


@dataclass(frozen=True, slots=True)
class ByHand:
    """An offline payment that was entered by hand, and may be on the bank's statement as well."""

    payment_id: str
    pence: int
    received_on: dt.date
    method: str
    email_key: str
    title: str


def entered_by_hand(session: Session, first: dt.date, last: dt.date) -> list[ByHand]:
    """Return what was entered by hand as received in these days, and was not undone."""
    undone = select(Refund.id).where(
        Refund.payment_id == OfflineEntry.payment_id, Refund.stripe_refund.is_(None)
    )
    on_a_line = select(BankLine.id).where(BankLine.payment_id == OfflineEntry.payment_id)
    wanted = (
        select(Payment, OfflineEntry.received_on)
        .join(OfflineEntry, OfflineEntry.payment_id == Payment.id)
        .join(Payment.pledge)
        .options(contains_eager(Payment.pledge))
        .where(
            OfflineEntry.received_on >= first,
            OfflineEntry.received_on <= last,
            ~undone.exists(),
            ~on_a_line.exists(),
        )
    )
    return [
        ByHand(
            str(payment.id),
            payment.amount_pence,
            received_on,
            payment.method or "",
            payment.pledge.email_key,
            payment.pledge.title,
        )
        for payment, received_on in session.execute(wanted)
    ]
