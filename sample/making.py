"""Making it: all of it or none of it, in one transaction, and then proved by the services."""

import datetime as dt
from dataclasses import dataclass
from random import Random

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from branches.desk.room import desk
from branches.locator import Placed
from branches.room import Room
from core.clock import day_in_london
from core.database import Database
from core.organisation import Rate
from members.forms import CONSENTS
from members.models import Member
from members.protection.registry import registry
from members.room import Room as MembersRoom
from members.standing import recomputing
from members.standing.rules import MonthRules
from payments import appeals, checking
from payments.appeals import NoSuchAppeal
from sample import NONCE, desks, lives, money, placing, texting, writing
from sample.people import ident, somebody
from sample.writing import Joiner


class OthersAreHere(Exception):
    """The database holds members who are none of the sample's."""


class DoesNotHold(Exception):
    """The services do not find the sample as they would have made it; the words say what."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many people, gifts and texts there are."""

    people: int = 10_000
    gifts: int = 2_500
    texts: int = 2_000


def make(app: Flask, size: Size, *, seed: int, now: dt.datetime) -> int:
    """Add the sample to the application's database; say how many members are new.

    The same seed makes the same people of the same day. A sample that is there stays as it is.

    Raises:
        OthersAreHere: there are members who are none of the sample's.
        NoDirectory, IndexMissing: nobody could be placed.
        DoesNotHold: the services found fault with it.
    """
    database: Database = app.extensions["database"]
    with app.app_context(), database.transaction() as session:
        if _is_there(session):
            return 0
        _make(session, app, size, Random(seed), now)  # noqa: S311 -- nothing secret is drawn
    prove(app, database, now)
    return size.people


def _is_there(session: Session) -> bool:
    ours = Member.form_nonce.startswith(NONCE)
    if session.scalar(select(func.count()).select_from(Member).where(~ours)):
        raise OthersAreHere
    return session.scalar(select(Member.id).where(ours).limit(1)) is not None


def _make(session: Session, app: Flask, size: Size, rng: Random, now: dt.datetime) -> None:
    today = day_in_london(now)
    branches: Room = app.extensions["branches"]
    members: MembersRoom = app.extensions["members"]
    places = placing.places(session, branches.locator, rng, today)
    joiners = [
        _joiner(rng, serial, places, members.rules.rates, members.rules.months, now)
        for serial in range(size.people)
    ]
    with force_locale("en_GB"):
        title, wordings = _("Membership dues"), {key: str(CONSENTS[key]) for key in CONSENTS}
    kept = registry().organisation.retention.letter_days
    writing.write(
        session,
        joiners,
        rng,
        title=title,
        wordings=wordings,
        letters_since=now - dt.timedelta(days=kept),
    )
    paid = list(writing.dues(joiners))
    try:
        appeal = appeals.find(session, appeals.DEFAULT)
    except NoSuchAppeal:
        appeal = None
    if appeal is not None:
        paid += money.gifts(session, rng, appeal, size.gifts, today)
    money.book(session, sorted(paid, key=lambda each: each.day), rng)
    money.count_donors(session)
    texting.write(session, rng, branches, places, size.texts, now)
    desks.write(session, rng, joiners, stale_months=desk().months, now=now)


def _joiner(
    rng: Random,
    serial: int,
    places: list[Placed],
    rates: tuple[Rate, ...],
    months: MonthRules,
    now: dt.datetime,
) -> Joiner:
    who = somebody(rng, serial, places, day_in_london(now))
    return Joiner(
        who,
        lives.live(rng, who.id, months, now=now),
        places[who.place],
        rng.choice(rates),
        ident(rng),
        writing.nonce(serial),
    )


def prove(app: Flask, database: Database, now: dt.datetime) -> None:
    """Hold what was made against the rule of standing, and against those of the books.

    Raises:
        DoesNotHold: the services would have it otherwise.
    """
    months = app.extensions["members"].rules.months
    with app.app_context():
        batches = recomputing.everybody(months, link=dt.timedelta(1), now=now, keep=False)
        changes = sum(len(batch.changes) for batch in batches)
    with database.reading() as session:
        faults = checking.faults(session)
    if changes or faults:
        raise DoesNotHold(f"{changes} members would stand otherwise, {len(faults)} faults in books")
