"""Filters: which people a list shows, as the address of its page says it. Each of them is a link.

Nothing in such an address is about a person. What nobody's page would ask for is left out, as if
it had not been there: an old link shows the list that it still can.
"""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Select, literal, select, tuple_

from branches.models import Branch, Region
from core.clock import day_in_london
from members.ages import youngest_adult
from members.models import STATES, Member
from members.records import MemberTransfer

_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])
SHOWN = ("members", *STATES, "everybody")
"""Which states can be chosen: the first is who counts as a member now."""
_MEMBERS = ("active", "arrears")
SINCE = {"week": dt.timedelta(days=7), "month": dt.timedelta(days=30)}
SORTS = ("name", "newest", "oldest")
NOWHERE = "none"
MOVED_LATELY = dt.timedelta(days=30)
_SLUG = re.compile(r"[a-z0-9-]{1,100}")


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen. `region` and `branch` are slugs; the branch `none` is to have none.

    A list shows the members of today unless it is asked for others; a search (`searches`) goes
    through everybody, for whoever rings may have left long ago.

    `moved` shows who was handed on to here in the last thirty days, `silent` who has agreed to be
    written to in no way.
    """

    state: str = SHOWN[0]
    region: str = ""
    branch: str = ""
    since: str = ""
    moved: bool = False
    silent: bool = False
    sort: str = SORTS[0]
    searches: bool = False

    @classmethod
    def asked(cls, given: Mapping[str, str], *, searches: bool = False) -> Self:
        """Read the query of an address, or a form."""
        return cls(
            state=_known(given.get("state"), SHOWN, SHOWN[-1 if searches else 0]),
            region=_slug(given.get("region")),
            branch=_slug(given.get("branch")),
            since=_known(given.get("since"), tuple(SINCE), ""),
            moved=given.get("moved") == "yes",
            silent=given.get("silent") == "yes",
            sort=_known(given.get("sort"), SORTS, SORTS[0]),
            searches=searches,
        )

    def query(self, **but: str | bool) -> dict[str, str]:
        """Return what an address says for these filters, changed by `but`, without defaults."""
        changed = replace(self, **but)  # type: ignore[arg-type]  # the names are those of fields
        plain = self.asked({}, searches=self.searches)
        return {
            each.name: "yes" if value is True else str(value)
            for each in fields(self)
            if (value := getattr(changed, each.name)) != getattr(plain, each.name)
        }


def narrow(
    query: _Query,
    filters: Filters,
    *,
    now: dt.datetime,
    named: ColumnElement[bool] | None = None,
) -> _Query:
    """Return the query of members, narrowed to what the filters show.

    Who is under 18 never is, but where they are `named`.
    """
    query = query.where(grown(now) if named is None else grown(now) | named)
    if filters.state != "everybody":
        states = _MEMBERS if filters.state == SHOWN[0] else (filters.state,)
        query = query.where(Member.state.in_(states))
    if filters.region:
        there = select(Region.id).where(Region.slug == filters.region)
        query = query.where(Member.region_id == there.scalar_subquery())
    if filters.branch == NOWHERE:
        query = query.where(Member.branch_id.is_(None))
    elif filters.branch:
        theirs = select(Branch.id).where(Branch.slug == filters.branch)
        query = query.where(Member.branch_id == theirs.scalar_subquery())
    if filters.since:
        query = query.where(Member.joined_at >= now - SINCE[filters.since])
    if filters.moved:
        lately = select(MemberTransfer.member_id).where(MemberTransfer.at >= now - MOVED_LATELY)
        query = query.where(Member.id.in_(lately))
    return query.where(~Member.news) if filters.silent else query


def grown(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition that somebody is 18 or older: no list shows who is not."""
    return Member.date_of_birth <= youngest_adult(day_in_london(now))


def after(
    query: _Query, filters: Filters, last: tuple[str, dt.datetime, uuid.UUID] | None
) -> _Query:
    """Return the query in the order of the filters, from behind a row on: its keys and its id."""
    column = Member.sort_key if filters.sort == SORTS[0] else Member.created_at
    backwards = filters.sort == "newest"
    if last is not None:
        key = last[0] if filters.sort == SORTS[0] else last[1]
        here = tuple_(column, Member.id)
        there = tuple_(literal(key, column.type), literal(last[2], Member.id.type))
        query = query.where(here < there if backwards else here > there)
    if backwards:
        return query.order_by(column.desc(), Member.id.desc())
    return query.order_by(column, Member.id)


def _slug(value: str | None) -> str:
    return value if value and _SLUG.fullmatch(value) else ""


def _known(value: str | None, known: tuple[str, ...], default: str) -> str:
    return value if value in known else default
