"""Who texted, as this room sees it: people to ring back, who belong to a branch or a region."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from staff.principal import Principal


class Enquirer(Protocol):
    """Somebody who texted for a branch; `said` is what they wrote, where it is still kept."""

    @property
    def id(self) -> int:
        """The number of the enquiry."""

    @property
    def name(self) -> str | None:
        """What they called themselves."""

    @property
    def phone(self) -> str:
        """Their number, in E.164."""

    @property
    def postcode(self) -> str | None:
        """The postcode they gave."""

    @property
    def said(self) -> str | None:
        """The text."""

    @property
    def reply(self) -> str | None:
        """What they were answered, where it is still kept; None where they were not."""

    @property
    def at(self) -> dt.datetime:
        """When it came."""

    @property
    def region_id(self) -> int | None:
        """The region it belongs to."""

    @property
    def branch_id(self) -> int | None:
        """The branch it belongs to."""


Which = Callable[
    [
        InstrumentedAttribute[int],
        InstrumentedAttribute[str | None],
        InstrumentedAttribute[dt.datetime],
    ],
    ColumnElement[bool],
]
"""A condition on enquiries, by number, telephone and moment, of what is known beside them.

It is made once and kept: what changes in it are parameters, whose values go with each question.
"""


class Enquiries(Protocol):
    """Whoever knows who texted. What was forgotten, or is out of scope, is not there."""

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
        """Return the numbers of those of a condition that come behind the number `after`.

        The longest waiting is first.

        Of one telephone number only the newest is there.
        """

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

    def one(
        self, session: Session, principal: Principal, enquiry_id: int, *, lock: bool = False
    ) -> Enquirer | None:
        """Return one, locked if something hangs on it; None where there is none such."""

    def some(
        self, session: Session, principal: Principal, ids: Collection[int]
    ) -> Sequence[Enquirer]:
        """Return those of these numbers that there are."""

    def of_numbers(
        self, session: Session, principal: Principal, phones: Collection[str]
    ) -> Sequence[Enquirer]:
        """Return those from these numbers, the newest first; a hundred at most."""

    def stopped(self, session: Session, phones: Collection[str]) -> AbstractSet[str]:
        """Return those of these numbers, in E.164, that want no more texts: they said STOP."""
