"""Who texted, for whoever rings back: within what they look after, and only while it is kept."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from branches.models import Enquiry, InboundText
from branches.texting import notifying
from core.absence import none_of
from staff import scoping
from staff.principal import Principal
from staff.scoping import scoped

_MOST = 100
_KEPT = 1024
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
    """Somebody who texted for a branch. `said` is the text, `reply` ours; `phone` is in E.164."""

    id: int
    name: str | None
    phone: str
    postcode: str | None
    said: str | None
    reply: str | None
    at: dt.datetime
    region_id: int | None
    branch_id: int | None


@dataclass(frozen=True, slots=True)
class Enquirers:
    """The enquiries, as another room may ask for them. `keys` are the service's, newest first."""

    keys: Sequence[str]

    def waiting(
        self,
        session: Session,
        principal: Principal,
        which: Which,
        values: Mapping[str, object],
        *,
        after: int,
        most: int,
    ) -> Sequence[int]:
        """Return the ids of those of a condition, the longest waiting first."""
        query = _waiting(scoping.seer(principal), which)
        return session.scalars(query.limit(most), {**values, "after": after}).all()

    def count(
        self,
        session: Session,
        principal: Principal,
        some: tuple[Which, ...],
        values: Mapping[str, object],
        *,
        most: int,
    ) -> Sequence[int]:
        """Count those of each of these conditions, `most` of them at most."""
        query = _counting(scoping.seer(principal), some, most)
        return tuple(session.execute(query, values).one())

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

    def stopped(self, session: Session, phones: Collection[str]) -> AbstractSet[str]:
        """Return those of these numbers that said STOP."""
        return notifying.stopped(session, sorted(phones), [key.encode() for key in self.keys])


@lru_cache(maxsize=_KEPT)
def _waiting(who: Principal, which: Which) -> Select[int]:
    wanted = _newest(select(Enquiry.id), which).where(Enquiry.id > bindparam("after"))
    return scoped(wanted.order_by(Enquiry.id), who)


@lru_cache(maxsize=_KEPT)
def _counting(who: Principal, some: tuple[Which, ...], most: int) -> Select[*tuple[int, ...]]:
    counted = [
        select(func.count())
        .select_from(_newest(select(Enquiry.id), which).limit(most).subquery())
        .scalar_subquery()
        for which in some
    ]
    return scoped(select(*counted), who)


def _newest(query: _Query, which: Which) -> _Query:
    """Narrow a query to enquiries that are kept and meant, the newest of each number."""
    newer = aliased(Enquiry)
    overtaken = select(newer.id).where(newer.phone == Enquiry.phone, newer.id > Enquiry.id)
    meant = which(Enquiry.id, Enquiry.phone, Enquiry.created_at)
    newest = none_of(overtaken.correlate(Enquiry))
    return query.where(Enquiry.phone.is_not(None), meant, newest)


def _read(session: Session, rows: Sequence[Enquiry]) -> list[Enquirer]:
    """Put each together with its text, which is asked by the ids of what was found in scope."""
    asked = select(InboundText.id, InboundText.text, InboundText.reply).where(
        InboundText.id.in_([each.inbound_text_id for each in rows])
    )
    texts = {row.id: row for row in session.execute(asked)} if rows else {}
    return [
        Enquirer(
            each.id,
            each.name,
            each.phone or "",
            each.postcode,
            texts[each.inbound_text_id].text,
            texts[each.inbound_text_id].reply,
            each.created_at,
            each.region_id,
            each.branch_id,
        )
        for each in rows
    ]
