"""Deciding: what a person says of a line of the bank. Each decision is kept and can be taken back.

Nothing is changed in the ledger: what was booked wrongly is booked back.
"""

import datetime as dt
import uuid
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments import settling
from payments.models import Appeal, BankAccount, BankDecision, BankLine, Payment, Pledge
from payments.offline import booking, learned, undoing
from payments.offline.booking import Gift
from payments.offline.givers import Giver, identify

_ORDERS = frozenset(("so", "s/o", "sto", "stdg order", "standing order"))


class NoSuchLine(LookupError):
    """There is no line of this number."""


class NotSo(Exception):
    """The line does not stand as the decision needs it; `why` names the words for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says that a line is. `like` is an earlier payment of the same giver.

    Without a `purpose` it is that of `like`; without a `giver` that one's too. `receipt` asks for a
    receipt; `learn` for the same to be booked by itself from now on.
    """

    purpose: Appeal | Pledge | None
    like: Payment | None
    giver: Giver
    method: str | None = None
    receipt: bool = False
    learn: bool = True


@dataclass(frozen=True, slots=True)
class Matched:
    """The payment that a line became, and whether the like of it is booked by itself from now."""

    payment: Payment
    learned: bool


def match(
    session: Session, line_id: int, choice: Choice, *, rules: settling.Rules, now: dt.datetime
) -> Matched:
    """Book a line as a gift, or as somebody's dues.

    Raises:
        NoSuchLine, NotSo: nothing is changed.
    """
    line = _waiting(session, line_id)
    if line.pence <= 0:
        raise NotSo("money-out")
    gift = _gift(session, line, choice)
    payment = booking.book(session, gift, rules=rules, now=now)
    line.state, line.payment_id, line.doubt = "matched", payment.id, False
    _decide(session, line, "match", "", now, payment.id)
    session.flush()
    if not choice.learn:
        return Matched(payment, learned=False)
    return Matched(payment, learned=learned.learn(session, line, payment, now=now))


def not_a_gift(session: Session, line_id: int, *, why: str, now: dt.datetime) -> None:
    """Note that a line that waits is no gift, and why.

    Raises:
        NoSuchLine, NotSo: nothing is changed.
    """
    line = _waiting(session, line_id)
    line.state = "not-a-gift"
    _decide(session, line, "not-a-gift", why, now)
    session.flush()


def unmatch(
    session: Session, line_id: int, *, why: str, rules: settling.Rules, now: dt.datetime
) -> str:
    """Take back what was decided of a line; what it booked is booked back. Return what it was.

    What was learned from lines like it is forgotten.

    Raises:
        NoSuchLine, NotSo: nothing is changed.
    """
    line = _line(session, line_id)
    before, payment_id = line.state, line.payment_id
    if before in ("waiting", "out", "returned"):
        raise NotSo("went-back" if before == "returned" else "nothing-decided")
    if payment_id is not None:
        learned.forget(session, line, now=now)
        if _went_back(session, payment_id):
            raise NotSo("undone-before")
        with suppress(undoing.AlreadyUndone):  # then nothing of it is left to book back
            undoing.undo(session, payment_id, why=why, rules=rules, now=now)
    line.state, line.payment_id, line.payout_id = "waiting", None, None
    _decide(session, line, "unmatch", why, now, payment_id)
    session.flush()
    return before


def latest(session: Session, line_id: int) -> int:
    """Return the number of the last decision on a line, 0 where there is none."""
    wanted = select(func.max(BankDecision.id)).where(BankDecision.line_id == line_id)
    return session.scalar(wanted) or 0


def check_seen(session: Session, line_id: int, seen: str) -> None:
    """See that the last decision on a line, which is locked, is the one somebody had before them.

    Raises:
        NoSuchLine: there is no such line.
        NotSo: another was made since.
    """
    _line(session, line_id)
    if str(latest(session, line_id)) != seen:
        raise NotSo("changed")


def returned(
    session: Session, line_id: int, payment: Payment, *, why: str, now: dt.datetime
) -> BankLine:
    """Note that a line of money out took back this payment, which the caller undoes.

    Raises:
        NoSuchLine, NotSo: nothing is changed.
    """
    line = _line(session, line_id)
    if line.state not in ("waiting", "out"):
        raise NotSo(line.state)
    if line.pence != -payment.amount_pence:
        raise NotSo("another-amount")
    line.state, line.payment_id = "returned", payment.id
    _decide(session, line, "returned", why, now, payment.id)
    session.flush()
    return line


def _gift(session: Session, line: BankLine, choice: Choice) -> Gift:
    """Return the gift that a line is said to be."""
    like, giver = choice.like, choice.giver
    purpose = choice.purpose or (like.pledge.appeal or like.pledge if like else None)
    if purpose is None:
        raise NotSo("no-purpose")
    if isinstance(purpose, Pledge):
        key = purpose.email_key
    elif like is not None:
        key = like.pledge.email_key
        giver = Giver(like.pledge.name, None, like.pledge.postcode)
    else:
        key = identify(session, giver).key
    if choice.receipt and giver.email is None and not isinstance(purpose, Pledge):
        raise NotSo("needs-email")
    return Gift(
        method=choice.method or ("standing-order" if _is_order(line) else "bank"),
        pence=line.pence,
        received_on=line.on_day,
        purpose=purpose,
        giver=giver,
        email_key=key,
        fingerprint=booking.fingerprint("line", line.id),
        reference=line.reference,
        receipt=choice.receipt,
    )


def _is_order(line: BankLine) -> bool:
    return line.type.casefold() in _ORDERS or "standing order" in line.folded


def _went_back(session: Session, payment_id: uuid.UUID) -> bool:
    """Say whether a line of money out has taken a payment back."""
    back = select(BankLine.id).where(
        BankLine.payment_id == payment_id, BankLine.state == "returned"
    )
    return session.scalar(back) is not None


def _waiting(session: Session, line_id: int) -> BankLine:
    line = _line(session, line_id)
    if line.state != "waiting":
        raise NotSo(line.state)
    return line


def _line(session: Session, line_id: int) -> BankLine:
    """Find a line and lock it, with its account: nobody imports or decides there meanwhile."""
    account = select(BankLine.account).where(BankLine.id == line_id).scalar_subquery()
    session.scalar(select(BankAccount).where(BankAccount.name == account).with_for_update())
    found = session.scalar(
        select(BankLine)
        .where(BankLine.id == line_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NoSuchLine(line_id)
    return found


def _decide(
    session: Session,
    line: BankLine,
    decision: str,
    why: str,
    now: dt.datetime,
    payment_id: uuid.UUID | None = None,
) -> None:
    row = BankDecision(line_id=line.id, decision=decision, why=why, at=now, payment_id=payment_id)
    session.add(row)
