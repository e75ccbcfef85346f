"""The tables of people: members, what became of their membership, and what they consented to."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from core import membership, spelling
from core.database import Base
from core.leasing import Leased
from payments.models import Pledge
from staff import scoping

STATES = ("applied", "active", "arrears", "lapsed", "left")
PRECISIONS = ("postcode", "sector", "outcode", "none")
STEPS = {
    "applied": ("active", "left"),
    "active": ("applied", "arrears", "lapsed", "left"),
    "arrears": ("applied", "active", "lapsed", "left"),
    "lapsed": ("applied", "active", "arrears", "left"),
    "left": ("active",),
}
"""To which state a membership can change from each. Back to `applied` goes whose every due went
back; from `left` leads but one way, that of joining again."""
EVENT_KINDS = ("state", "rejoined", "moved", "rate", "waiting", "declined", "merged")
STAYS = ("moved", "rate", "waiting", "merged")
"""The kinds of event that leave the state as it is."""
OWN_RATE = membership.OWN_RATE
LIKENESSES = ("email", "phone", "name-postcode")
CHANNELS = ("email", "phone", "text", "post")


def _only(where: str, name: str, *columns: str, sqlite: str = "") -> Index:
    """Return an index that holds the rows of a condition alone, in either database."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(sqlite or where))


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _can_be() -> str:
    """Return the SQL condition that a change of membership is one of `STEPS`."""
    steps = " OR ".join(
        f"(from_state = '{before}' AND {_one_of('to_state', after)})"
        for before, after in STEPS.items()
    )
    stays = _one_of("kind", STAYS)
    same = f"{stays} AND from_state IS NOT NULL AND from_state = to_state"
    return f"({same}) OR (NOT {stays} AND (from_state IS NULL OR {steps}))"


def _sort_key(context: DefaultExecutionContext) -> str:
    """Return what a row is sorted by that is inserted in bulk."""
    row: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return spelling.sort_key(str(row["name"]))


class Member(Base):
    """Somebody who has joined, or set out to.

    `form_nonce` is the number used once of the form that made the row, as in the pledge of the
    dues. `precision` says how closely the postcode could be placed when `branch_id` and
    `region_id` were chosen. `rate` is the slug of a rate in `organisation.toml`, or `OWN_RATE` for
    an amount of one's own. `unpaid_at` is when the gateway last could not take a month of dues,
    `retry_at` when it tries again. `waiting_since` is since when somebody who has paid waits for an
    organiser to accept them, where the organisation asks for that. `rejoined_at` is when somebody
    who had left or lapsed was last a member again.

    Who left or lapsed and sends the form again makes a row that names the older one, `rejoins_id`;
    `answers` are what it answered about consents. Once the due has been taken the older row takes
    over what the new one says, and the new one is gone. `news` says whether their newest answer
    about some channel is yes: the database keeps it so with each answer. `sort_key` is the name as
    lists are sorted by it, and follows the name.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), "state_known"),
        CheckConstraint(_one_of("precision", PRECISIONS), "precision_known"),
        CheckConstraint("phone IS NULL OR phone LIKE '+%'", "phone_international"),
        CheckConstraint(
            "state IN ('applied', 'left') OR joined_at IS NOT NULL", "members_have_joined"
        ),
        CheckConstraint(
            "rejoins_id IS NULL OR (rejoins_id <> id AND state IN ('applied', 'left'))",
            "rejoiners_apply",
        ),
        CheckConstraint("waiting_since IS NULL OR state = 'applied'", "only_applicants_wait"),
        Index(None, "sort_key", "id"),
        Index(None, "branch_id", "sort_key", "id"),
        Index(None, "region_id", "sort_key", "id"),
        Index(None, "state", "sort_key", "id"),
        _only("NOT news", "ix_member_silent", "sort_key", "id", sqlite="news = 0"),
        Index(None, "created_at", "id"),
        Index(None, "region_id", "state"),
        Index(None, "region_id", "joined_at"),
        _only("rejoined_at IS NOT NULL", "ix_member_rejoined", "rejoined_at", "id"),
        _only("state = 'arrears'", "ix_member_arrears", "joined_at", "id"),
        _only("state = 'arrears'", "ix_member_region_arrears", "region_id", "joined_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="applied")
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    phone: Mapped[str | None] = mapped_column(index=True)
    date_of_birth: Mapped[dt.date]
    address1: Mapped[str]
    address2: Mapped[str]
    town: Mapped[str]
    postcode: Mapped[str] = mapped_column(index=True)
    precision: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    rate: Mapped[str]
    dues_pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), unique=True)
    form_nonce: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    joined_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    rejoined_at: Mapped[dt.datetime | None]
    email_confirmed_at: Mapped[dt.datetime | None]
    unpaid_at: Mapped[dt.datetime | None]
    retry_at: Mapped[dt.datetime | None]
    waiting_since: Mapped[dt.datetime | None] = mapped_column(index=True)
    rejoins_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("member.id"), index=True)
    answers: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    sort_key: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        default=_sort_key,
        server_default="",
    )

    news: Mapped[bool] = mapped_column(default=False, server_default=false())

    dues: Mapped[Pledge] = relationship()
    events: Mapped[list["MembershipEvent"]] = relationship(order_by="MembershipEvent.id")
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.id")

    @validates("name")
    def _sorted_by(self, _key: str, name: str) -> str:
        self.sort_key = spelling.sort_key(name)
        return name

    @property
    def first_name(self) -> str:
        """What to call somebody by in a letter: the first word of the name as it was typed."""
        return self.name.split(maxsplit=1)[0]


class MembershipEvent(Base):
    """A change of somebody's membership. Rows are only ever added.

    `kind` is `state`, `rejoined` for the change of state by which somebody who left or lapsed is a
    member again, `declined` for an application that an organiser did not accept; `moved` for
    another address, `rate` for other dues, `waiting` for an application that waits for an organiser
    and `merged` for another record of theirs that became one with this, which leave the state.
    `who` is `applicant`, `member`, `office`, `gateway`, `clock`, or `staff:` and the id of an
    account; `why` is for organisers to read.
    """

    __tablename__ = "membership_event"
    __table_args__ = (
        CheckConstraint(_one_of("to_state", STATES), "to_state_known"),
        CheckConstraint(_one_of("kind", EVENT_KINDS), "kind_known"),
        CheckConstraint(_can_be(), "change_can_be"),
        CheckConstraint(
            "kind <> 'rejoined' OR (from_state IN ('left', 'lapsed') AND to_state = 'active')",
            "rejoiners_were_gone",
        ),
        CheckConstraint("kind <> 'waiting' OR to_state = 'applied'", "applicants_wait"),
        CheckConstraint(
            "kind <> 'declined' OR (from_state = 'applied' AND to_state = 'left')",
            "applicants_are_declined",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at: Mapped[dt.datetime]
    why: Mapped[str]
    who: Mapped[str]
    kind: Mapped[str] = mapped_column(default="state")


class MemberPledge(Base):
    """An agreement of dues that is or was a member's; the newest is `Member.dues_pledge_id`."""

    __tablename__ = "member_pledge"

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    since: Mapped[dt.datetime]


class Likeness(Base):
    """Two members who may be one person, for an organiser to look at. Nobody else is told.

    `newer_id` is who was noticed to be like `older_id`; `why` says by what. `settled_at` is when
    somebody looked, null while it waits.
    """

    __tablename__ = "likeness"
    __table_args__ = (
        UniqueConstraint("newer_id", "older_id", "why"),
        CheckConstraint(_one_of("why", LIKENESSES), "why_known"),
        CheckConstraint("newer_id <> older_id", "of_two"),
        Index(None, "settled_at", "noticed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    newer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    older_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    why: Mapped[str]
    noticed_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]


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


class EmailChange(Base):
    """A member's wish to be written to elsewhere, which counts once the new address confirms it.

    `old_email` and `old_key` are the address that counted when it was confirmed: what went there
    can be found by them for as long as it is kept.
    """

    __tablename__ = "email_change"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    old_email: Mapped[str]
    old_key: Mapped[str] = mapped_column(index=True)
    asked_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]


class LinkRequest(Leased, Base):
    """Somebody asked for a link to the pages of an address, known or not; gone once answered."""

    __tablename__ = "link_request"

    email_key: Mapped[str]
    asked_at: Mapped[dt.datetime]


scoping.within(Member, region=Member.region_id, branch=Member.branch_id)
scoping.beside(MembershipEvent, MembershipEvent.member_id, Member)
scoping.beside(Consent, Consent.member_id, Member)
