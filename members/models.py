"""The tables of people: members, what became of their membership, and what they consented to."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.leasing import Leased
from payments.models import Pledge
from staff import scoping

STATES = ("applied", "active", "arrears", "lapsed", "left")
PRECISIONS = ("postcode", "sector", "outcode", "none")
CHANNELS = ("email", "phone", "text", "post")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Member(Base):
    """Somebody who has joined, or set out to.

    `form_nonce` is the number used once of the form that made the row, as in the pledge of the
    dues. `precision` says how closely the postcode could be placed when `branch_id` and
    `region_id` were chosen. `rate` is the slug of a rate in `organisation.toml`.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), "state_known"),
        CheckConstraint(_one_of("precision", PRECISIONS), "precision_known"),
        CheckConstraint("phone IS NULL OR phone LIKE '+%'", "phone_international"),
        CheckConstraint(
            "state IN ('applied', 'left') OR joined_at IS NOT NULL", "members_have_joined"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="applied")
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    phone: Mapped[str | None]
    date_of_birth: Mapped[dt.date]
    address1: Mapped[str]
    address2: Mapped[str]
    town: Mapped[str]
    postcode: Mapped[str]
    precision: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    rate: Mapped[str]
    dues_pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), unique=True)
    form_nonce: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    joined_at: Mapped[dt.datetime | None]
    email_confirmed_at: Mapped[dt.datetime | None]

    dues: Mapped[Pledge] = relationship()
    events: Mapped[list["MembershipEvent"]] = relationship(order_by="MembershipEvent.id")
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.id")

    @property
    def first_name(self) -> str:
        """What to call somebody by in a letter: the first word of the name as it was typed."""
        return self.name.split(maxsplit=1)[0]


class MembershipEvent(Base):
    """A change of somebody's membership. Rows are only ever added.

    `who` is `applicant`, `member` or `gateway`; `why` is for organisers to read.
    """

    __tablename__ = "membership_event"
    __table_args__ = (CheckConstraint(_one_of("to_state", STATES), "to_state_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at: Mapped[dt.datetime]
    why: Mapped[str]
    who: Mapped[str]


class Consent(Base):
    """What somebody answered when asked about one channel. Rows are only ever added.

    The newest row of a channel holds. `wording` is the sentence as it was shown, ticked or not
    (UK GDPR, article 7(1): the controller shall be able to demonstrate consent).
    """

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint(_one_of("channel", CHANNELS), "channel_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    channel: Mapped[str]
    given: Mapped[bool]
    wording: Mapped[str]
    at: Mapped[dt.datetime]
    source: Mapped[str]


class LinkRequest(Leased, Base):
    """Somebody asked for a link to the pages of an address, known or not; gone once answered."""

    __tablename__ = "link_request"

    email_key: Mapped[str]
    asked_at: Mapped[dt.datetime]


scoping.within(Member, region=Member.region_id, branch=Member.branch_id)
