"""Showing: a page of an appeal's wall, and what waits for a moderator.

A gift *stands* while not all of it was given back and no bank argues about it or has taken it:
what `payments.statuses` calls paid or part-refunded. It is asked of the rows of the first payment
in the query itself, so a message goes the moment the money does, and comes back with it.
"""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session

from payments import statuses
from payments.models import Appeal, Dispute, Payment, Pledge, Refund, WallEntry
from payments.wall.flagging import Flag, flags
from payments.wall.naming import shown

A_PAGE = 20
_Query: TypeAlias = Select[*tuple[Any, ...]]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9a-f]{32})")


class NotACursor(ValueError):
    """The text does not say where a page begins."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends and the next, older one begins: at the message shown last."""

    given_at: dt.datetime
    public_id: uuid.UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` has written.

        Raises:
            NotACursor: when it is anything else.
        """
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise NotACursor(text)
        return cls(_EPOCH + int(found[1]) * _MICROSECOND, uuid.UUID(found[2]))

    def __str__(self) -> str:
        """Write it for an address."""
        return f"{(self.given_at - _EPOCH) // _MICROSECOND}-{self.public_id.hex}"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the public sees it; `name` is None where the giver wished for none."""

    id: uuid.UUID
    name: str | None
    text: str
    given_at: dt.datetime
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest first, and where older ones begin, if there are any."""

    messages: list[Message]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for a moderator; `stands` says whether it would be seen if approved."""

    pledge_id: uuid.UUID
    appeal: str
    title: str
    amount_pence: int
    given_at: dt.datetime
    name: str | None
    text: str
    flags: tuple[Flag, ...]
    stands: bool
    since: dt.datetime


def page(session: Session, appeal_id: int, *, before: Cursor | None = None) -> Page:
    """Return the newest messages of an appeal's wall, or those older than a cursor."""
    wanted = (
        _seen(
            select(
                WallEntry.public_id,
                Pledge.name,
                Pledge.display,
                Pledge.message,
                WallEntry.given_at,
                WallEntry.changed_at,
            )
        )
        .where(WallEntry.appeal_id == appeal_id)
        .order_by(WallEntry.given_at.desc(), WallEntry.public_id.desc())
        .limit(A_PAGE + 1)
    )
    if before is not None:
        wanted = wanted.where(
            tuple_(WallEntry.given_at, WallEntry.public_id)
            < tuple_(
                literal(before.given_at, WallEntry.given_at.type),
                literal(before.public_id, WallEntry.public_id.type),
            )
        )
    rows = session.execute(wanted).all()
    found = [
        Message(public_id, shown(name, display), message, given_at, changed_at)
        for public_id, name, display, message, given_at, changed_at in rows[:A_PAGE]
    ]
    last = found[-1] if len(rows) > A_PAGE else None
    return Page(found, Cursor(last.given_at, last.id) if last else None)


def anything(session: Session, slug: str) -> bool:
    """Say whether there is a message on the wall of the appeal of this slug."""
    appeal_id = select(Appeal.id).where(Appeal.slug == slug).scalar_subquery()
    newest = (
        _seen(select(WallEntry.public_id))
        .where(WallEntry.appeal_id == appeal_id)
        .order_by(WallEntry.given_at.desc(), WallEntry.public_id.desc())
        .limit(1)
    )
    return session.scalar(newest) is not None


def queue(session: Session, *, most: int, after: Cursor | None = None) -> list[Waiting]:
    """Return the messages of paid gifts that nobody has decided on, the oldest first.

    `after` is the message (by `since` and `pledge_id`) at which the list before this one ended.
    """
    wanted = (
        select(Pledge, Appeal.slug, Payment.paid_at, _stands().label("stands"))
        .join(Appeal, Appeal.id == Pledge.appeal_id)
        .join(Payment, _first_payment(Pledge.id))
        .where(Pledge.state == "paid", Pledge.message != "", Pledge.appeal_id.is_not(None))
        .where(~Pledge.message_read)
        .order_by(Pledge.created_at, Pledge.id)
        .limit(most)
    )
    if after is not None:
        wanted = wanted.where(
            tuple_(Pledge.created_at, Pledge.id)
            > tuple_(
                literal(after.given_at, Pledge.created_at.type),
                literal(after.public_id, Pledge.id.type),
            )
        )
    return [_waiting(*row) for row in session.execute(wanted)]


def _waiting(pledge: Pledge, slug: str, given_at: dt.datetime, stands: bool) -> Waiting:  # noqa: FBT001 -- a row
    name = shown(pledge.name, pledge.display)
    return Waiting(
        pledge_id=pledge.id,
        appeal=slug,
        title=pledge.title,
        amount_pence=pledge.amount_pence,
        given_at=given_at,
        name=name,
        text=pledge.message,
        flags=flags(pledge.message, name or ""),
        stands=stands,
        since=pledge.created_at,
    )


def _seen(wanted: _Query) -> _Query:
    """Narrow a query to the entries that the public may see."""
    return (
        wanted.join(Pledge, Pledge.id == WallEntry.pledge_id)
        .join(Payment, _first_payment(WallEntry.pledge_id))
        .where(WallEntry.state == "approved", Pledge.message != "", _stands())
    )


def _first_payment(pledge_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- a column of either table
    return and_(Payment.pledge_id == pledge_id, statuses.is_first())


def _stands() -> ColumnElement[bool]:
    """Say of the payment in the query around it whether it is still ours."""
    given_back = (
        select(func.coalesce(func.sum(Refund.amount_pence), 0))
        .where(Refund.payment_id == Payment.id, Refund.status.not_in(("failed", "canceled")))
        .correlate(Payment)
        .scalar_subquery()
    )
    disputed = (
        select(Dispute.id)
        .where(
            Dispute.payment_id == Payment.id,
            Dispute.status.in_(("needs_response", "under_review", "lost")),
        )
        .correlate(Payment)
        .exists()
    )
    return and_(given_back < Payment.amount_pence, ~disputed)
