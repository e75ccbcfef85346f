"""What the law asks for: what donors declared, and which payments are still to be checked."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from payments.models.columns import one_of
from payments.models.giving import Pledge
from payments.models.money import Payment

# Who may give (PPERA 2000, s.54(2)).
DONOR_TYPES = (
    "individual",
    "company",
    "trade-union",
    "llp",
    "building-society",
    "registered-society",
    "association",
    "party",
)
CHECK_STATES = ("waiting", "accepted", "returned")


class Declaration(Base):
    """What a donor declared before paying. Never changed (the database sees to it): one adds more.

    `wording` is what was agreed to, as it was shown. Name and address are those of the electoral
    register, or a body's registered ones. `country` is empty in the United Kingdom, `number` where
    there is none.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        CheckConstraint(one_of("donor_type", DONOR_TYPES), "donor_type_known"),
        CheckConstraint("name <> '' AND address1 <> '' AND town <> ''", "donor_named"),
        CheckConstraint("postcode <> '' OR country <> ''", "donor_found"),
        CheckConstraint("country = '' OR donor_type = 'individual'", "bodies_are_here"),
        CheckConstraint("wording <> ''", "wording_kept"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    at: Mapped[dt.datetime]
    donor_type: Mapped[str]
    name: Mapped[str]
    address1: Mapped[str]
    address2: Mapped[str]
    town: Mapped[str]
    postcode: Mapped[str]
    country: Mapped[str]
    number: Mapped[str]
    wording: Mapped[str]

    pledge: Mapped[Pledge] = relationship()


class PermissibilityCheck(Base):
    """A payment above the threshold, which the treasurer has to accept or give back in time.

    `received_on` is the day the clock starts, `due_on` the last day to decide; both are days in
    Britain. `reminded` is how many of the stages of reminding have been told. How it stands is the
    last of its `CheckDecision`s.
    """

    __tablename__ = "permissibility_check"
    __table_args__ = (
        CheckConstraint(one_of("state", CHECK_STATES), "state_known"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", "decided_or_waiting"),
        CheckConstraint("due_on >= received_on", "time_forward"),
        CheckConstraint("reminded >= 0", "reminded_counted"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), unique=True)
    received_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(default="waiting")
    marked_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    why: Mapped[str | None]
    who: Mapped[str | None]
    reminded: Mapped[int] = mapped_column(default=0)

    payment: Mapped[Payment] = relationship()


class CheckDecision(Base):
    """One decision about a check, a person's or the books'. Never changed (by the database)."""

    __tablename__ = "check_decision"
    __table_args__ = (CheckConstraint(one_of("state", CHECK_STATES), "state_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("permissibility_check.id"), index=True)
    state: Mapped[str]
    why: Mapped[str]
    who: Mapped[str]
    at: Mapped[dt.datetime]
