"""What the desk keeps of following people up: cards that somebody touched, steps, and words."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, event, text, update
from sqlalchemy.orm import Mapped, Mapper, attributes, mapped_column, relationship

from core.database import Base
from members.models import Member
from members.today.rules import REASONS, STEPS, UNDO
from staff import scoping


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def key_of(reason: str, subject: uuid.UUID | int) -> str:
    """Return by which key a card is kept once somebody has touched it."""
    return f"{reason}:{subject}"


class FollowUp(Base):
    """A card of the desk that somebody has touched: of a member, or of who texted, for one reason.

    Cards that nobody touched have no row: they are found by what happened. `key` is the reason and
    the subject's id. `last_step`, `stepped_at` and `due_at` follow from the steps that hold; `day`
    is when they said they would come. `version` counts the steps, so that a form made from an older
    state is told. `wrong_phone` is a number that is not theirs. `claimed_by` is whose account is on
    it; no foreign key, as of a note. Region and branch are the member's, and go with them.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint(_one_of("reason", REASONS), "reason_known"),
        CheckConstraint(
            "(reason = 'texted') = (enquiry_id IS NOT NULL)"
            " AND (member_id IS NULL) <> (enquiry_id IS NULL)",
            "of_one",
        ),
        CheckConstraint(f"last_step IS NULL OR {_one_of('last_step', STEPS)}", "step_known"),
        CheckConstraint("(last_step IS NULL) = (stepped_at IS NULL)", "steps_have_a_time"),
        CheckConstraint("due_at IS NULL OR last_step IS NOT NULL", "due_after_a_step"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", "claims_have_a_time"),
        CheckConstraint("version >= 0", "version_counts"),
        Index(
            "ix_follow_up_due",
            "due_at",
            "id",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_follow_up_region_due",
            "region_id",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index(None, "member_id", "reason", "stepped_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("member.id"))
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiry.id"), index=True)
    region_id: Mapped[int | None]
    branch_id: Mapped[int | None]
    last_step: Mapped[str | None]
    stepped_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    day: Mapped[dt.date | None]
    version: Mapped[int] = mapped_column(default=0)
    wrong_phone: Mapped[str | None]
    claimed_by: Mapped[uuid.UUID | None]
    claimed_at: Mapped[dt.datetime | None]


class FollowUpStep(Base):
    """What came of a card, by whom and when. Rows are only ever added; so is taking one back.

    `day` is when they said they would come; `undoes_id` the step that this one takes back, which
    can be done once. `nonce` is the number of the form, which takes one step and no second.
    """

    __tablename__ = "follow_up_step"
    __table_args__ = (
        CheckConstraint(_one_of("step", (*STEPS, UNDO)), "step_known"),
        CheckConstraint("(step = 'undo') = (undoes_id IS NOT NULL)", "undoing_names_what"),
        CheckConstraint("day IS NULL OR step = 'will-come'", "days_are_to_come"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), index=True)
    step: Mapped[str]
    account_id: Mapped[uuid.UUID]
    at: Mapped[dt.datetime]
    day: Mapped[dt.date | None]
    undoes_id: Mapped[int | None] = mapped_column(
        ForeignKey("follow_up_step.id", ondelete="CASCADE"), unique=True
    )
    nonce: Mapped[uuid.UUID] = mapped_column(unique=True)

    follow_up: Mapped[FollowUp] = relationship()


class FollowUpNote(Base):
    """The words that go with a step, apart from it: they go when who texted is forgotten."""

    __tablename__ = "follow_up_note"
    __table_args__ = (CheckConstraint("text <> ''", "says_something"),)

    step_id: Mapped[int] = mapped_column(ForeignKey("follow_up_step.id"), primary_key=True)
    text: Mapped[str]


scoping.within(FollowUp, region=FollowUp.region_id, branch=FollowUp.branch_id)
scoping.beside(FollowUpStep, FollowUpStep.follow_up_id, FollowUp)


@event.listens_for(Member, "after_update")
def _moved(_mapper: Mapper[Member], connection: Connection, member: Member) -> None:
    """Let the cards go where their member goes."""
    where = ("region_id", "branch_id")
    if any(attributes.get_history(member, name).has_changes() for name in where):
        mine = update(FollowUp).where(FollowUp.member_id == member.id)
        connection.execute(mine.values(region_id=member.region_id, branch_id=member.branch_id))
