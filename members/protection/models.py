"""The tables of data protection: what was erased and when, and what people asked for."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

KINDS = ("access", "erasure", "correction", "objection", "complaint")


class Erasure(Base):
    """That somebody was erased: when, why and by whom. Rows are only ever added.

    `known_as` are fingerprints of their addresses. `gone` and `kept` count rows by kind;
    `kept_until` is the last day of what the law has us keep, null where nothing was kept.
    """

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    known_as: Mapped[str] = mapped_column(index=True)
    why: Mapped[str]
    who: Mapped[str]
    gone: Mapped[dict[str, Any]]
    kept: Mapped[dict[str, Any]]
    kept_until: Mapped[dt.date | None]


class PrivacyRequest(Base):
    """What somebody asked for or complains of, and by when the law wants it answered.

    `form_nonce` is the number used once of the form that made it. `confirm_by` is set where
    receipt has to be confirmed. `extended_at` is when its sender was told that it takes longer, and
    `extended_why` the reason they were given. `reminded_at` is when the office was last told that
    it is due.
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(each) for each in KINDS)})", "kind_known"),
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", "done_with_an_outcome"),
        CheckConstraint("due_on >= asked_on", "time_forward"),
        CheckConstraint("(extended_at IS NULL) = (extended_why IS NULL)", "extended_with_a_reason"),
        CheckConstraint("kind <> 'complaint' OR extended_at IS NULL", "complaints_have_one_clock"),
        Index(None, "done_at", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    message: Mapped[str]
    form_nonce: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[dt.datetime]
    asked_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    confirm_by: Mapped[dt.date | None]
    confirmed_at: Mapped[dt.datetime | None]
    extended_at: Mapped[dt.datetime | None]
    extended_why: Mapped[str | None]
    reminded_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]


class RetentionRun(Base):
    """Retention ran: how many rows of each kind went, and how many will be due when it runs next.

    Rows are only ever added.
    """

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    gone: Mapped[dict[str, Any]]
    next_due: Mapped[dict[str, Any]]
