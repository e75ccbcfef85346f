"""The tables of this room: the directory, and what came in by text."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.leasing import Leased
from core.outbox import holds
from staff import scoping

LONGEST_NAME = 80
"""Characters of a region's or branch's name: one that is longer would fill a text message."""


class BranchStatus(StrEnum):
    """Whether a branch is at work, as the directory's file says."""

    OPEN = "open"
    CLOSED = "closed"


class CatchmentKind(StrEnum):
    """What sort of area a branch looks after by decision rather than by distance."""

    OUTCODE = "outcode"
    SECTOR = "sector"
    DISTRICT = "district"
    CONSTITUENCY = "constituency"


def _one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Region(Base):
    """A region of the organisation, and the public line of its organiser.

    `ons_code` is the English region, or country, whose districts it covers; a closed region
    has none. `rank` is its place in the directory's file, and so on every list.
    """

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str]
    display: Mapped[str]
    ons_code: Mapped[str | None] = mapped_column(unique=True)
    notify_email: Mapped[str]
    rank: Mapped[int]
    closed_on: Mapped[dt.date | None]

    branches: Mapped[list["Branch"]] = relationship(back_populates="region")


class Branch(Base):
    """A branch and where it is on the map: degrees (WGS84), five decimals.

    `position_given` says whether the directory's file gave the position; where it did not, it is
    the postcode's. A branch is never deleted: what members and enquiries point to stays.
    """

    __tablename__ = "branch"
    __table_args__ = (
        _one_of("status", BranchStatus),
        CheckConstraint("status = 'open' OR closed IS NOT NULL", name="closed_has_a_day"),
        CheckConstraint("opened IS NULL OR closed IS NULL OR opened <= closed", name="days"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), index=True)
    postcode: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    position_given: Mapped[bool]
    place: Mapped[str]
    meets: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    status: Mapped[str]
    opened: Mapped[dt.date | None]
    closed: Mapped[dt.date | None]
    sample: Mapped[bool]
    rank: Mapped[int]

    region: Mapped[Region] = relationship(back_populates="branches")

    def is_open(self, today: dt.date) -> bool:
        """Whether people can be sent there on that day: opened by then, and not yet closed."""
        return (
            self.status == BranchStatus.OPEN
            and (self.opened is None or self.opened <= today)
            and (self.closed is None or today < self.closed)
        )


class Catchment(Base):
    """An area that one branch looks after, whatever the distances are."""

    __tablename__ = "catchment"
    __table_args__ = (_one_of("kind", CatchmentKind), UniqueConstraint("kind", "code"))

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    kind: Mapped[str]
    code: Mapped[str]
    rank: Mapped[int]

    branch: Mapped[Branch] = relationship()


class DirectoryState(Base):
    """One row, counting the directory's changes, so that each process knows when to look again."""

    __tablename__ = "directory_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


class InboundText(Base):
    """A text that a gateway handed over, and what it was answered.

    `sender` and `text` are emptied on `forget_on`, `reply` too; outcome and day stay for counting.
    `sender_hash` (keyed; see `branches.texting.numbers`) is what the limits count by, and goes
    with the rest. `outcode` is the postcode district that was asked about; it stays.
    """

    __tablename__ = "inbound_text"
    __table_args__ = (
        UniqueConstraint("gateway", "message_id"),
        Index(None, "sender_hash", "received_at"),
        Index(None, "outcode", "received_at"),
        Index(None, "received_at"),
        Index(None, "forget_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    message_id: Mapped[str]
    sender: Mapped[str | None]
    sender_hash: Mapped[str | None]
    text: Mapped[str | None]
    received_at: Mapped[dt.datetime]
    outcome: Mapped[str]
    outcode: Mapped[str | None]
    reply: Mapped[str | None]
    forget_on: Mapped[dt.date | None]


class OutboxText(Leased, Base):
    """A text that leaves by itself: a reply whose gateway does not wait for one, or a notice.

    A reply is one for each text, a notice one for each `key`. `message_id` is ours, so that a text
    sent twice by a dying worker is one text to the phone. Past `expires_at` it would be noise, and
    is given up. `recipient` and `text` are emptied when the text it answers is forgotten, or once
    `forget_on` a notice has been kept as long.
    """

    __tablename__ = "outbox_text"
    __table_args__ = (  # type: ignore[assignment]  # more than the index of waiting work
        CheckConstraint("(key IS NULL) = (inbound_text_id IS NOT NULL)", "reply_or_notice"),
        CheckConstraint("key IS NOT NULL OR forget_on IS NULL", "replies_go_with_their_text"),
        Index(None, "due_at"),
        Index(None, "recipient"),
        Index(None, "forget_on"),
    )

    inbound_text_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_text.id"), unique=True)
    key: Mapped[str | None] = mapped_column(unique=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[str | None]
    text: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    forget_on: Mapped[dt.date | None]


class TextLineState(Base):
    """One row: whether replies are sent at all, since when, and when the ceiling last rang."""

    __tablename__ = "text_line_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    replies_on: Mapped[bool]
    since: Mapped[dt.datetime]
    alarm_at: Mapped[dt.datetime | None]


class Enquiry(Base):
    """Somebody asked for a branch by text; the region's organiser follows it up.

    `name`, `phone` and `postcode` are emptied on `forget_on`; the row stays for counting.
    """

    __tablename__ = "enquiry"
    __table_args__ = (
        Index(None, "forget_on"),
        Index(None, "phone"),
        Index(None, "region_id", "created_at"),
        Index(
            "ix_enquiry_kept",
            "id",
            postgresql_where=text("phone IS NOT NULL"),
            sqlite_where=text("phone IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_text_id: Mapped[int] = mapped_column(ForeignKey("inbound_text.id"), unique=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    name: Mapped[str | None]
    phone: Mapped[str | None]
    postcode: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    forget_on: Mapped[dt.date | None]


class TextOptOut(Base):
    """A number that said STOP, as a keyed hash: kept for as long as it has not said START."""

    __tablename__ = "text_opt_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    number_hash: Mapped[str] = mapped_column(unique=True)
    since: Mapped[dt.datetime]


holds(OutboxText.key)
# The directory stands on public pages: desks may join its names to what they show.
scoping.public(Region)
scoping.public(Branch)
scoping.within(Enquiry, region=Enquiry.region_id, branch=Enquiry.branch_id)
