"""Who texted, for whoever rings back: within what they look after, and only while it is kept."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from branches.models import Enquiry, InboundText
from staff.principal import Principal
from staff.scoping import scoped

_MOST = 100
_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])
Which = Callable[
    [
        InstrumentedAttribute[int],
        InstrumentedAttribute[str | None],
        InstrumentedAttribute[dt.datetime],
    ],
    ColumnElement[bool],
]


@dataclass(frozen=True, slots=True)
class Enquirer:
    """Somebody who texted for a branch. `said` is the text; `phone` is in E.164."""

    id: int
    name: str | None
    phone: str
    postcode: str | None
    said: str | None
    at: dt.datetime
    region_id: int | None
    branch_id: int | None


class Enquirers:
    """The enquiries, as another room may ask for them."""

    def waiting(
        self, session: Session, principal: Principal, which: Which, *, after: int, most: int
    ) -> Sequence[tuple[int, dt.datetime]]:
        """Return id and moment of those of a condition, the longest waiting first."""
        wanted = _newest(select(Enquiry.id, Enquiry.created_at), which)
        wanted = wanted.where(Enquiry.id > after).order_by(Enquiry.id).limit(most)
        rows = session.execute(scoped(wanted, principal))
        return [(row.id, row.created_at) for row in rows]

    def count(self, session: Session, principal: Principal, which: Which, *, most: int) -> int:
        """Count those of a condition, `most` of them at most."""
        some = _newest(select(Enquiry.id), which).limit(most)
        return len(session.execute(scoped(some, principal)).all())

    def one(
        self, session: Session, principal: Principal, enquiry_id: int, *, lock: bool = False
    ) -> Enquirer | None:
        """Return one; None where there is none such, or it was forgotten."""
        wanted = select(Enquiry).where(Enquiry.id == enquiry_id, Enquiry.phone.is_not(None))
        if lock:
            wanted = wanted.with_for_update().execution_options(populate_existing=True)
        found = _read(session, session.scalars(scoped(wanted, principal)).all())
        return found[0] if found else None

    def some(
        self, session: Session, principal: Principal, ids: Collection[int]
    ) -> Sequence[Enquirer]:
        """Return those of these ids that there are."""
        if not ids:
            return []
        wanted = select(Enquiry).where(Enquiry.id.in_(sorted(ids)), Enquiry.phone.is_not(None))
        return _read(session, session.scalars(scoped(wanted, principal)).all())

    def of_numbers(
        self, session: Session, principal: Principal, phones: Collection[str]
    ) -> Sequence[Enquirer]:
        """Return those from these numbers, the newest first; a hundred at most."""
        if not phones:
            return []
        wanted = select(Enquiry).where(Enquiry.phone.in_(sorted(phones)))
        wanted = wanted.order_by(Enquiry.id.desc()).limit(_MOST)
        return _read(session, session.scalars(scoped(wanted, principal)).all())


def _newest(query: _Query, which: Which) -> _Query:
    """Narrow a query to enquiries that are kept and meant, the newest of each number."""
    newer = aliased(Enquiry)
    overtaken = (
        select(newer.id)
        .where(newer.phone == Enquiry.phone, newer.id > Enquiry.id)
        .correlate(Enquiry)
        .exists()
    )
    meant = which(Enquiry.id, Enquiry.phone, Enquiry.created_at)
    return query.where(Enquiry.phone.is_not(None), ~overtaken, meant)


def _read(session: Session, rows: Sequence[Enquiry]) -> list[Enquirer]:
    """Put each together with its text, which is asked by the ids of what was found in scope."""
    asked = select(InboundText.id, InboundText.text).where(
        InboundText.id.in_([each.inbound_text_id for each in rows])
    )
    said = {row.id: row.text for row in session.execute(asked)} if rows else {}
    return [
        Enquirer(
            each.id,
            each.name,
            each.phone or "",
            each.postcode,
            said.get(each.inbound_text_id),
            each.created_at,
            each.region_id,
            each.branch_id,
        )
        for each in rows
    ]
