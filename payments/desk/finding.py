"""Finding payments at the desk: by what a treasurer types, or by filters; a page at a time.

A page is a piece of an index, read from a cursor, with a constant number of queries, however many
payments there are: of when they were paid; of names (`payments.searching`); of what was given back
or argued about.
"""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, contains_eager

from core.addresses import EmailAddress, NotAnEmailAddress
from core.clock import LONDON
from core.money import Money, NotAnAmount
from payments import searching, statuses
from payments.explaining import NoSuchPayment, finding
from payments.models import Dispute, Payment, Pledge, Refund
from payments.offline.entering import read_day
from payments.statuses import Status
from payments.wall.showing import Cursor

A_PAGE = 50
LONGEST = 200
STATES = ("given-back", "disputed")
_FAILED = ("failed", "canceled")
_REFERENCE = re.compile(r"[0-9a-fA-F]{8}")
_AT_STRIPE = re.compile(r"[a-z]{2,8}_[A-Za-z0-9_]{3,255}")
_SUM = re.compile(r"£ ?[0-9][0-9,]*(?:\.[0-9]{1,2})?|[0-9][0-9,]{0,9}(?:\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which payments are wanted; what is None does not matter. `of` is one of the same giver's."""

    kind: str | None = None
    state: str | None = None
    of: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A payment as the list shows it."""

    payment: Payment
    pledge: Pledge
    status: Status


@dataclass(frozen=True, slots=True)
class Page:
    """Payments, the newest first, and where older ones begin, if there are any."""

    found: list[Found]
    older: Cursor | None


def listed(session: Session, filters: Filters, *, before: Cursor | None = None) -> Page:
    """Return the newest payments that the filters let through, or those before a cursor.

    Of what was given back, or argued about, the newest is what that happened to last.
    """
    wanted = _all()
    if filters.kind is not None:
        wanted = wanted.where(Payment.kind == filters.kind)
    if filters.state is not None:
        return _afterwards(session, wanted, filters.state, before)
    if filters.of is not None:
        key = (
            select(Pledge.email_key)
            .join(Pledge.payments)
            .where(Payment.id == filters.of)
            .scalar_subquery()
        )
        wanted = wanted.where(Pledge.email_key == key)
    return _page(session, wanted, before)


def search(
    session: Session, words: str, *, today: dt.date, before: Cursor | None = None
) -> tuple[str, Page]:
    """Find payments by an e-mail address, a reference, any id, an amount, a day, or a name.

    Returns what the words were taken for (`email`, `id`, `amount`, `day`, `name`) and a page.
    """
    text = " ".join(words.split())[:LONGEST]
    how, condition = _meant(session, text, today)
    if condition is None:
        return how, _by_name(session, text, before)
    return how, _page(session, _all().where(condition), before)


def one(session: Session, payment_id: uuid.UUID) -> Payment:
    """Return a payment with its pledge, its refunds and its disputes.

    Raises:
        NoSuchPayment: there is none of this id.
    """
    wanted = select(Payment).join(Payment.pledge).options(contains_eager(Payment.pledge))
    found = session.scalar(wanted.where(Payment.id == payment_id).options(*statuses.loaded()))
    if found is None:
        raise NoSuchPayment(str(payment_id))
    return found


def _meant(session: Session, text: str, today: dt.date) -> tuple[str, ColumnElement[bool] | None]:
    """Return what a text is taken for, and the condition that finds it; None for a name."""
    if "@" in text:
        return "email", _of_address(text)
    if _REFERENCE.fullmatch(text) or _AT_STRIPE.fullmatch(text) or _is_uuid(text):
        return "id", _of_id(session, text)
    if _SUM.fullmatch(text):
        return "amount", _of_amount(text)
    day = read_day(text, [], today=today)
    if day is not None:
        begin = dt.datetime.combine(day, dt.time(), LONDON)
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LONDON)
        return "day", (Payment.paid_at >= begin) & (Payment.paid_at < end)
    return "name", None


def _of_address(text: str) -> ColumnElement[bool]:
    try:
        return Pledge.email_key == EmailAddress.parse(text).key
    except NotAnEmailAddress:
        return false()


def _of_id(session: Session, text: str) -> ColumnElement[bool]:
    """Narrow to the payments of the pledge that an id speaks of; to one, where it names one."""
    try:
        pledge = finding.find(session, text)
    except NoSuchPayment:
        return false()
    named = or_(Payment.payment_intent == text, Payment.invoice == text, Payment.charge == text)
    one_alone = select(Payment.id).where(Payment.pledge_id == pledge.id, named)
    if _is_uuid(text):
        one_alone = select(Payment.id).where(Payment.id == uuid.UUID(text))
    payment_id = session.scalar(one_alone)
    return Payment.pledge_id == pledge.id if payment_id is None else Payment.id == payment_id


def _of_amount(text: str) -> ColumnElement[bool]:
    try:
        return Payment.amount_pence == Money.parse(text).pence
    except NotAnAmount:
        return false()


def _by_name(session: Session, text: str, after: Cursor | None) -> Page:
    """Return a page of the payments of givers of a name, sorted by it."""
    begins = after.public_id if after else None
    ids = searching.payments_of(session, text, most=A_PAGE + 1, after=begins)
    page = _all().where(Payment.id.in_(ids)).options(*statuses.loaded())
    there = {row.id: row for row in session.scalars(page)}
    return _cut([there[each] for each in ids])


def _afterwards(
    session: Session, wanted: Select[Payment], state: str, before: Cursor | None
) -> Page:
    """Return a page of payments by what was given back of them, or argued about, last."""
    kind: type[Refund | Dispute] = Refund if state == "given-back" else Dispute
    at = Refund.made_at if kind is Refund else Dispute.opened_at
    last = _last_of(kind, at, state)
    joined = wanted.join(kind, kind.payment_id == Payment.id).where(last).add_columns(at, kind.id)
    if before is not None:
        joined = joined.where(
            tuple_(at, kind.id)
            < tuple_(literal(before.given_at, at.type), literal(before.public_id, kind.id.type))
        )
    ordered = joined.order_by(at.desc(), kind.id.desc()).limit(A_PAGE + 1)
    rows = session.execute(ordered.options(*statuses.loaded())).all()
    found = [Found(row[0], row[0].pledge, statuses.status_of(row[0])) for row in rows[:A_PAGE]]
    more = len(rows) > A_PAGE
    return Page(found, Cursor(*rows[A_PAGE - 1][1:]) if more else None)


def _last_of(
    kind: type[Refund | Dispute], at: InstrumentedAttribute[dt.datetime], state: str
) -> ColumnElement[bool]:
    """Say whether nothing of the kind came later of the same payment."""
    other = aliased(kind)
    counts = [] if state == "disputed" else [kind.status.not_in(_FAILED)]
    later = [other.status.not_in(_FAILED)] if counts else []
    newer = select(other.id).where(
        other.payment_id == kind.payment_id,
        tuple_(getattr(other, at.key), other.id) > tuple_(at, kind.id),
        *later,
    )
    return and_(~newer.exists(), *counts)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _all() -> Select[Payment]:
    bare = statuses.of_pledge(contains_eager(Payment.pledge))
    return select(Payment).join(Payment.pledge).options(bare)


def _page(session: Session, wanted: Select[Payment], before: Cursor | None) -> Page:
    if before is not None:
        wanted = wanted.where(
            tuple_(Payment.paid_at, Payment.id)
            < tuple_(
                literal(before.given_at, Payment.paid_at.type),
                literal(before.public_id, Payment.id.type),
            )
        )
    ordered = wanted.order_by(Payment.paid_at.desc(), Payment.id.desc()).limit(A_PAGE + 1)
    return _cut(list(session.scalars(ordered.options(*statuses.loaded()))))


def _cut(rows: Sequence[Payment]) -> Page:
    """Make a page of one row more than it shows, if there are so many."""
    found = [Found(row, row.pledge, statuses.status_of(row)) for row in rows[:A_PAGE]]
    last = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
    return Page(found, Cursor(last.paid_at, last.id) if last else None)
