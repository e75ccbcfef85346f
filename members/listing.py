"""Listing: who may stand in a list of members. Everybody who makes one goes through here.

Whoever is under 18 stands in none: no list on the desk, no export, no count by name. One record at
a time, they are looked after like anybody else.
"""

import datetime as dt
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import with_loader_criteria

from members.ages import youngest_adult
from members.models import Member

_Query = TypeVar("_Query", bound=Select[Any])


def listed(query: _Query, *, today: dt.date) -> _Query:
    """Return the query, narrowed to members who may stand in a list. `today` is London's day.

    Every appearance of `Member` is narrowed: in a join, a subquery, under another name. It goes
    together with `staff.scoping.scoped`, in either order.
    """
    grown_up = Member.date_of_birth <= youngest_adult(today)
    return query.options(with_loader_criteria(Member, grown_up, include_aliases=True))
