"""What was learned from decisions on earlier lines: which text and amount is whose gift."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, union_all, update
from sqlalchemy.orm import Session, contains_eager

from payments.models import Appeal, BankLine, BankRule, OfflineEntry, Payment, Pledge, Refund

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


_TEXTS = 50
"""Of so many texts the neighbours are asked for at once."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The rules in use, by text and amount, and those of a text whatever the amount."""

    exact: dict[tuple[str, int], BankRule]
    by_text: dict[str, BankRule]


def rules_near(session: Session, texts: Collection[str], *, each: int = 10) -> Learned:
    """Return the rules that a person may mean by lines of these texts, however many there are.

    They are those of the text itself and its neighbours in the alphabet, so many on either side,
    among which a text with a slip in it is found unless the slip is at its beginning.
    """
    in_use = select(BankRule.id).where(BankRule.forgotten_at.is_(None))
    text = BankRule.folded
    wanted = sorted(set(texts))
    found = Learned({}, {})
    for first in range(0, len(wanted), _TEXTS):
        sides = []
        for one in wanted[first : first + _TEXTS]:
            sides.append(in_use.where(text >= one).order_by(text).limit(each))
            sides.append(in_use.where(text < one).order_by(text.desc()).limit(each))
        near = union_all(*(select(side.subquery().c.id) for side in sides))
        some = rules_in_use(session, BankRule.id.in_(near))
        found.exact.update(some.exact)
        found.by_text.update(some.by_text)
    return found


def rules_in_use(session: Session, *which: ColumnElement[bool]) -> Learned:
    """Return what was learned, without what was learned from a payment that was undone since."""
    undone = select(Refund.id).where(
        Refund.payment_id == BankRule.payment_id, Refund.stripe_refund.is_(None)
    )
    wanted = (
        select(BankRule)
        .join(BankRule.payment)
        .join(Payment.pledge)
        .where(BankRule.forgotten_at.is_(None), ~undone.exists(), *which)
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


def entered_by_hand(
    session: Session,
    first: dt.date,
    last: dt.date,
    *,
    pence: Collection[int] | None = None,
    most: int | None = None,
) -> list[ByHand]:
    """Return what was entered by hand as received in these days, and was not undone.

    It is of these amounts alone, where they are given, and so many at most, the earliest.
    """
    undone = select(Refund.id).where(
        Refund.payment_id == OfflineEntry.payment_id, Refund.stripe_refund.is_(None)
    )
    on_a_line = select(BankLine.id).where(BankLine.payment_id == OfflineEntry.payment_id)
    wanted = (
        select(
            Payment.id,
            Payment.amount_pence,
            OfflineEntry.received_on,
            Payment.method,
            Pledge.email_key,
            Pledge.title,
        )
        .join(OfflineEntry, OfflineEntry.payment_id == Payment.id)
        .join(Payment.pledge)
        .where(
            OfflineEntry.received_on >= first,
            OfflineEntry.received_on <= last,
            ~undone.exists(),
            ~on_a_line.exists(),
        )
        .order_by(OfflineEntry.received_on)
        .limit(most)
    )
    if pence is not None:
        wanted = wanted.where(Payment.amount_pence.in_(pence))
    return [
        ByHand(str(id_), amount, received_on, method or "", email_key, title)
        for id_, amount, received_on, method, email_key, title in session.execute(wanted)
    ]
