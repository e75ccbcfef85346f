"""Where somebody lives, as this room sees it: which branch, which region, whom to ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Named:
    """A branch or a region."""

    id: int
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ring: the number as it is dialled (E.164) and as it is printed."""

    name: str
    phone: str
    display: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a postcode belongs. `notify_email` is where the region's organiser is written to.

    `precision` is `postcode`, `sector`, `outcode` or, where there is no place at all, `none`.
    """

    postcode: str
    precision: str
    branch: Named | None
    region: Named | None
    contact: Contact
    notify_email: str | None


class Spot(Protocol):
    """Where one of many postcodes belongs, by ids; `precision` is as for `Placed`."""

    @property
    def precision(self) -> str:
        """How closely it could be placed."""

    @property
    def branch_id(self) -> int | None:
        """The branch, None where the rules give none."""

    @property
    def region_id(self) -> int | None:
        """The region, likewise."""


class Places(Protocol):
    """Whoever knows postcodes and the directory."""

    def spell(self, text: str) -> str | None:
        """Return a whole postcode in its usual form, or None, and ask no other source for it.

        A list of members is nobody else's business.
        """

    def place_each(self, session: Session, postcodes: Sequence[str]) -> Sequence[Spot]:
        """Place many postcodes in their usual form, by the directory of one moment."""

    def read(self, text: str) -> str | None:
        """Return a whole postcode in its usual form, or None when the text is not one."""

    def branch(self, session: Session, slug: str) -> Named | None:
        """Return the open branch of this slug; None where there is none."""

    def place(self, session: Session, postcode: str, *, branch_id: int | None = None) -> Placed:
        """Place a well-formed postcode: one that no source has by its sector or its district.

        An open branch that is named goes before the postcode's own, and brings its region with it;
        one that has closed, or never was, counts for nothing.

        It never fails, since money is being booked around it: what cannot be placed is answered by
        the national office.
        """
