"""Who texted, as this room sees it: people to ring back, who belong to a branch or a region."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
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
"""A condition on enquiries, by number, telephone and moment, of what is known beside them."""


class Enquiries(Protocol):
    """Whoever knows who texted. What was forgotten, or is out of scope, is not there."""

    def waiting(
        self, session: Session, principal: Principal, which: Which, *, after: int, most: int
    ) -> Sequence[tuple[int, dt.datetime]]:
        """Return number and moment of those of a condition that come behind the number `after`.

        The longest waiting is first.

        Of one telephone number only the newest is there.
        """

    def count(self, session: Session, principal: Principal, which: Which, *, most: int) -> int:
        """Count those of a condition, `most` of them at most."""

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
