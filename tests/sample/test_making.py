"""A made-up organisation: nobody's, all there or not at all, and as the services would have it."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from branches.directory import load
from branches.models import Enquiry, InboundText, OutboxText
from branches.postcodes import PostcodeIndex
from config import Settings
from core.clock import day_in_london
from core.database import Base, Database
from members.models import Member
from members.standing.rules import MonthRules
from payments.models import Checkout, Payment, Pledge
from sample import __main__ as command
from sample import lives, making
from sample.making import DoesNotHold, OthersAreHere, Size
from sample.people import ident
from sample.placing import NoDirectory
from tests.branches.factories import shipped
from tests.conftest import Work
from tests.fakes import START, FakeGateway, FakeMailer
from tests.members.findable import everybody_is_findable
from tests.members.protection.people import everything
from tests.members.standing.books import make_member

# What the worker looks for in any case: what Stripe has to tell of by itself.
LISTS = {"events_since"}
SMALL = Size(people=120, gifts=30, texts=30)


@pytest.fixture
def made(app: Flask, database: Database, built_index: PostcodeIndex) -> Callable[[int], int]:
    with database.transaction() as session:
        load(session, shipped(), place_of=built_index.find, today=day_in_london(START))
    return lambda seed: making.make(app, SMALL, seed=seed, now=START)


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_it_is_whole_and_nothing_of_it_leads_outside(
    app: Flask,
    database: Database,
    made: Callable[[int], int],
    mailer: FakeMailer,
    gateway: FakeGateway,
    work: Work,
) -> None:
    assert made(1) == SMALL.people
    before = counts(database)
    assert made(1) == 0
    assert made(2) == 0
    assert counts(database) == before
    assert everybody_is_findable(database)
    for name in ("follow_up_step", "member_note", "member_transfer", "branch_confirmation"):
        assert before[name] > 0, name
    with database.reading() as session:
        assert set(session.scalars(select(Member.state))) >= {"active", "applied", "left"}
        phones = [*session.scalars(select(Member.phone)), *session.scalars(select(Enquiry.phone))]
        assert all(re.fullmatch(r"\+447700900\d{3}", each) for each in phones if each)
        assert all(each.endswith("@example.org") for each in session.scalars(select(Member.email)))
        assert {each.partition(":")[0] for each in session.scalars(select(Pledge.form_nonce))} == {
            "sample"
        }
        assert set(session.scalars(select(Payment.invoice))) == {None}
        for table in (Checkout, OutboxText):
            assert session.scalars(select(table)).all() == []
        texts = session.scalars(select(InboundText)).all()
        assert len(texts) == SMALL.texts
        month_ago = START - dt.timedelta(days=32)
        assert all(each.text is None for each in texts if each.received_at < month_ago)

    work()

    assert mailer.sent == []
    assert set(gateway.calls) <= LISTS
    assert counts(database)["outbox_mail"] == before["outbox_mail"]
    retained = app.test_cli_runner().invoke(args=["members", "retain", "--dry-run"]).output
    assert set(re.findall(r"(?m)^ *(\d+)  ", retained)) == {"0"}


RULES = MonthRules(arrears_after=1, lapse_after=3)


def a_hundred_lives(seed: int) -> list[lives.Life]:
    rng = Random(seed)  # noqa: S311 -- nothing secret is drawn
    return [lives.live(rng, ident(rng), RULES, now=START) for _number in range(100)]


def test_the_same_seed_makes_the_same_lives_and_each_follows_from_the_one_before() -> None:
    assert a_hundred_lives(1) == a_hundred_lives(1) != a_hundred_lives(2)
    for life in a_hundred_lives(1):
        states = [event.after for event in life.events]
        assert [event.before for event in life.events] == [None, *states[:-1]]
        moments = [event.at for event in life.events]
        assert moments == sorted(moments)
        assert moments[-1] <= START
        assert (states[-1], life.joined_at is None) == (life.state, states == ["applied"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_members_who_are_real_are_left_alone(
    database: Database, made: Callable[[int], int]
) -> None:
    with database.transaction() as session:
        make_member(session)
    before = everything(database)
    with pytest.raises(OthersAreHere):
        made(1)
    assert everything(database) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_nobody_can_be_placed_nothing_is_added(app: Flask, database: Database) -> None:
    with pytest.raises(NoDirectory):
        making.make(app, SMALL, seed=1, now=START)
    assert counts(database)["member"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_services_would_have_otherwise_is_found(
    app: Flask, database: Database, made: Callable[[int], int]
) -> None:
    made(1)
    with database.transaction() as session:
        paying = select(Member).where(Member.state == "active").order_by(Member.id).limit(1)
        session.scalars(paying).one().state = "lapsed"
    with pytest.raises(DoesNotHold, match="1 members would stand otherwise, 0 faults"):
        making.prove(app, database, START)


def test_production_is_refused(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    live = replace(settings, environment="production", database_url="postgresql://nowhere/x")
    assert command.add(live, SMALL, seed=1) == 1
    words = "This is for development: production has members of its own.\n"
    assert capsys.readouterr().err == words
