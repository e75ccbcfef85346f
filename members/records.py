"""What the desk keeps about members: notes, who was handed on, and what was taken out."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from members.models import Member
from staff import scoping
from staff.records import TakenOut

NOTE_KINDS = ("note", "hand-over")
EXPORT_KINDS = ("csv", "labels")


class MemberNote(Base):
    """What an organiser wrote down of somebody. Rows are only added; one may be struck out.

    `account_id` is who wrote it. It is no foreign key, for what refers to an account is told to
    its holder when they ask what we hold of them, and a note is about the member. `nonce` is the
    number of the form, so that a form sent twice writes one note.
    """

    __tablename__ = "member_note"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'hand-over')", "kind_known"),
        CheckConstraint("text <> ''", "says_something"),
        CheckConstraint("struck_at IS NULL OR struck_at >= at", "struck_afterwards"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    account_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    text: Mapped[str]
    at: Mapped[dt.datetime]
    struck_at: Mapped[dt.datetime | None]
    nonce: Mapped[uuid.UUID] = mapped_column(unique=True)


class MemberTransfer(Base):
    """Somebody went from one branch or region to another. Rows are only ever added.

    `account_id` is who handed them on, and no foreign key, as of a note; null where they moved and
    chose so on their own pages, or the office loaded another directory.
    """

    __tablename__ = "member_transfer"
    __table_args__ = (Index(None, "at", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    account_id: Mapped[uuid.UUID | None]
    from_region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    from_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    to_region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    to_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    at: Mapped[dt.datetime]


class PeopleExport(TakenOut):
    """A list of people was taken out, and so many were on it."""

    __tablename__ = "people_export"
    __table_args__ = (
        CheckConstraint("kind IN ('csv', 'labels')", "kind_known"),
        CheckConstraint("reason <> ''", "says_why"),
        CheckConstraint("people >= 0", "people_counted"),
    )

    kind: Mapped[str]
    people: Mapped[int]


scoping.beside(MemberNote, MemberNote.member_id, Member)
scoping.within(
    MemberTransfer, region=MemberTransfer.to_region_id, branch=MemberTransfer.to_branch_id
)
