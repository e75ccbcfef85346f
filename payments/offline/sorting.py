"""Sorting: which new lines of the bank are certain, and what waits for a person.

Certain is a payout of Stripe's that we know of (no gift: its gifts were booked when they were
given), and a line that says to the letter and the penny what somebody has decided on before.
Money that goes out is no gift, and waits only where it looks like a gift that went back.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from payments import settling
from payments.models import BankDecision, BankLine, BankRule, Payout, Pledge
from payments.offline import booking, learned
from payments.offline.booking import Gift
from payments.offline.givers import Giver
from payments.offline.learned import ByHand

BACK_WITHIN = dt.timedelta(days=90)
"""So long after it came, money that goes out again may be the same."""
ENTERED_WITHIN = dt.timedelta(days=14)
"""So far apart, a gift entered by hand and a line of the bank may be the same."""
_BATCH = 500
_PAYOUT_WITHIN = dt.timedelta(days=5)
_RETURNED = re.compile(r"\b(return(ed)?|unpaid|bounced|reversal|reversed|rtd|refer to drawer)\b")
_STRIPE = re.compile(r"\bstripe\b")


@dataclass(frozen=True, slots=True)
class Sorted:
    """How many new lines were booked, are payouts, wait for a person, or are no gift at all."""

    booked: int
    payouts: int
    waiting: int
    out: int


Watch = Callable[[Sequence[BankLine]], Iterable[BankLine]]


def sort(
    session: Session,
    account: str,
    *,
    after: int,
    rules: settling.Rules,
    watch: Watch,
    now: dt.datetime,
) -> Sorted:
    """Book what is certain among the lines kept after this one; leave the rest waiting.

    `watch` hands on the lines that are booked, and may show how far it is. Lines that look like
    payouts and have waited are looked at again: Stripe may have told by now.
    """
    own = [BankLine.account == account]
    fresh = select(BankLine).where(BankLine.id > after, *own).order_by(BankLine.on_day, BankLine.id)
    lines = list(session.scalars(fresh))
    payouts = _match_payouts(session, account, lines, now)
    certain = _certain(session, [line for line in lines if line.state == "waiting"])
    watched = iter(watch(list(certain)))
    while batch := list(islice(watched, _BATCH)):
        _book(session, [(line, certain[line]) for line in batch], rules, now)
    session.flush()
    _hold_returned(session, [line for line in lines if line.state == "out"])
    session.flush()
    waiting = sum(line.state == "waiting" for line in lines)
    out = sum(line.state == "out" for line in lines)
    return Sorted(len(certain), payouts, waiting, out)


def speaks_of_stripe(line: BankLine) -> bool:
    """Say whether a line looks like money that Stripe has paid out, or taken."""
    return _STRIPE.search(line.folded) is not None


def may_be_returned(line: BankLine, credit: BankLine) -> bool:
    """Say whether money that went out may be what an earlier line has brought."""
    soon = dt.timedelta(0) <= line.on_day - credit.on_day <= BACK_WITHIN
    alike = credit.folded in line.folded or line.folded in credit.folded
    says_so = _RETURNED.search(line.folded) or _RETURNED.search(line.type.casefold())
    return soon and credit.pence == -line.pence and bool(alike or says_so)


def credits_before(session: Session, lines: Sequence[BankLine]) -> list[BankLine]:
    """Return the money in, not no gift, that these lines of money out may have taken back."""
    if not lines:
        return []
    first = min(line.on_day for line in lines) - BACK_WITHIN
    returned = select(BankLine.payment_id).where(BankLine.state == "returned")
    wanted = select(BankLine).where(
        BankLine.on_day >= first,
        BankLine.on_day <= max(line.on_day for line in lines),
        BankLine.pence > 0,
        BankLine.state.in_(["matched", "waiting"]),
        or_(BankLine.payment_id.is_(None), BankLine.payment_id.not_in(returned)),
    )
    return list(session.scalars(wanted.order_by(BankLine.on_day.desc(), BankLine.id.desc())))


def _match_payouts(
    session: Session, account: str, fresh: Sequence[BankLine], now: dt.datetime
) -> int:
    """Match lines that speak of Stripe to payouts; say how many."""
    named = BankLine.folded.contains("stripe")
    waiting = select(BankLine).where(BankLine.account == account, BankLine.state == "waiting")
    older = session.scalars(waiting.where(named).order_by(BankLine.on_day, BankLine.id))
    lines = {line.id: line for line in [*older, *fresh] if speaks_of_stripe(line)}
    if not lines:
        return 0
    free: dict[int, list[Payout]] = defaultdict(list)
    taken = select(BankLine.payout_id).where(BankLine.payout_id.is_not(None))
    untaken = select(Payout).where(Payout.id.not_in(taken)).order_by(Payout.arrives_on, Payout.id)
    for payout in session.scalars(untaken):
        free[payout.amount_pence].append(payout)
    count = 0
    for line in lines.values():
        near = [
            payout
            for payout in free[line.pence]
            if abs(payout.arrives_on - line.on_day) <= _PAYOUT_WITHIN
        ]
        if near and not line.doubt:
            payout = min(near, key=lambda each: abs(each.arrives_on - line.on_day))
            free[line.pence].remove(payout)
            line.state, line.payout_id = "payout", payout.id
            session.add(BankDecision(line_id=line.id, decision="payout", why="", at=now))
            count += 1
        elif line.state == "out":
            line.state = "waiting"
    return count


def _certain(session: Session, lines: Sequence[BankLine]) -> dict[BankLine, BankRule]:
    """Return the lines that somebody has decided on before, to the letter, with what they said.

    A gift that seems to have been entered by hand already is not certain.
    """
    known = learned.rules_in_use(session).exact
    ruled = {
        line: known[line.folded, line.pence]
        for line in lines
        if (line.folded, line.pence) in known and not (line.doubt or speaks_of_stripe(line))
    }
    if not ruled:
        return {}
    days = [line.on_day for line in ruled]
    first, last = min(days) - ENTERED_WITHIN, max(days) + ENTERED_WITHIN
    by_hand: dict[tuple[int, str], list[ByHand]] = defaultdict(list)
    for each in learned.entered_by_hand(session, first, last):
        by_hand[each.pence, each.email_key].append(each)
    return {
        line: rule
        for line, rule in ruled.items()
        if is_open(rule, line)
        and not any(
            abs(each.received_on - line.on_day) <= ENTERED_WITHIN
            for each in by_hand[line.pence, rule.payment.pledge.email_key]
        )
    }


def _book(
    session: Session,
    ruled: Sequence[tuple[BankLine, BankRule]],
    rules: settling.Rules,
    now: dt.datetime,
) -> None:
    gifts = [_like(rule, line) for line, rule in ruled]
    payments = booking.book_each(session, gifts, rules=rules, now=now)
    for payment, (line, rule) in zip(payments, ruled, strict=True):
        line.state, line.payment_id = "matched", payment.id
        decision = BankDecision(line_id=line.id, decision="book", why=f"rule {rule.id}", at=now)
        decision.payment_id = payment.id
        session.add(decision)


def is_open(rule: BankRule, line: BankLine) -> bool:
    """Say whether what a rule gives to still takes gifts on the day of this line."""
    pledge = rule.payment.pledge
    if pledge.appeal is not None:
        return pledge.appeal.ends is None or line.on_day <= pledge.appeal.ends
    return pledge.stopped_at is None and pledge.held_because is None


def _like(rule: BankRule, line: BankLine) -> Gift:
    """Return the gift that a line is, by what was decided on one like it."""
    before: Pledge = rule.payment.pledge
    return Gift(
        method=rule.payment.method or "bank",
        pence=line.pence,
        received_on=line.on_day,
        purpose=before.appeal or before,
        giver=Giver(before.name, None, before.postcode),
        email_key=before.email_key,
        fingerprint=booking.fingerprint("line", line.id),
        reference=line.reference,
    )


def _hold_returned(session: Session, lines: Sequence[BankLine]) -> None:
    """Have a person look at money out that may be a gift that went back."""
    by_pence: dict[int, list[BankLine]] = defaultdict(list)
    for credit in credits_before(session, lines):
        by_pence[credit.pence].append(credit)
    for line in lines:
        if any(may_be_returned(line, credit) for credit in by_pence[-line.pence]):
            line.state = "waiting"
