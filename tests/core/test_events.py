"""Announcing: listeners act in the announcer's own transaction."""

import datetime as dt
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.events import Announcer
from core.links import AccessLink, mint
from tests.fakes import START


@dataclass(frozen=True, slots=True)
class Happened:
    """Something."""

    email: str


class HappenedSpecially(Happened):
    """Something of another kind."""


def note(session: Session, event: Happened, now: dt.datetime) -> None:
    mint(session, event.email, lifetime=dt.timedelta(hours=1), now=now)


def fail(_session: Session, _event: Happened, _now: dt.datetime) -> None:
    raise RuntimeError


def noted(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count(AccessLink.id))).one()


def test_listeners_are_told_in_the_order_they_came(session: Session) -> None:
    told: list[str] = []
    announce = Announcer()
    announce.listen(Happened, lambda _session, event, _now: told.append(f"1 {event.email}"))
    announce.listen(Happened, lambda _session, event, _now: told.append(f"2 {event.email}"))

    announce(session, Happened("sam@example.org"), START)

    assert told == ["1 sam@example.org", "2 sam@example.org"]


def test_what_a_listener_writes_is_kept_with_the_announcement(database: Database) -> None:
    announce = Announcer()
    announce.listen(Happened, note)

    with database.transaction() as session:
        announce(session, Happened("sam@example.org"), START)

    assert noted(database) == 1


def test_a_listener_that_fails_undoes_the_announcement(database: Database) -> None:
    announce = Announcer()
    announce.listen(Happened, note)
    announce.listen(Happened, fail)

    with pytest.raises(RuntimeError), database.transaction() as session:
        announce(session, Happened("sam@example.org"), START)

    assert noted(database) == 0


def test_nobody_hears_of_another_kind(database: Database) -> None:
    announce = Announcer()
    announce.listen(Happened, fail)

    with database.transaction() as session:
        announce(session, HappenedSpecially("sam@example.org"), START)
