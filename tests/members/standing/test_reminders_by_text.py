"""Who falls behind is texted as well: once a stage, at decent hours, and only who wished for it."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Adapters, create_app
from branches.models import OutboxText, TextOptOut
from branches.texting import notifying, switching
from branches.texting.gateways import Inbound, ReplyBy
from branches.texting.gsm import segments
from branches.texting.notifying import TooLong, decent
from branches.texting.numbers import hashes
from branches.texting.receiving import receive
from config import Settings
from core.clock import LONDON, day_in_london
from core.database import Database
from core.outbox import OutboxMail
from members.models import Consent, Member
from members.protection import consenting
from members.standing import recomputing, reminding, wording
from members.standing.reminding import Reminder, Texter
from members.texts import Text
from tests.branches.texting.phone import Phone, ringing
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.protection.people import opened, run
from tests.members.standing.books import make_member
from tests.members.standing.test_recomputing import SEPTEMBER

TO = "+447700900123"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LIMIT = 2


@pytest.fixture(scope="module")
def ringing_phone() -> Iterator[Phone]:
    with ringing() as phone:
        yield phone


@pytest.fixture
def phone(ringing_phone: Phone) -> Phone:
    ringing_phone.forget()
    return ringing_phone


@pytest.fixture
def settings(settings: Settings, phone: Phone) -> Settings:
    """Texts are set up, of which the line sends two an hour."""
    limits = replace(settings.organisation.limits, texts_an_hour_in_all=LIMIT)
    return replace(
        settings,
        sms_android_keys=("the key of a phone, for tests",),
        sms_android_api_url=phone.url,
        organisation=replace(settings.organisation, limits=limits),
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def here(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def behind(session: Session, *, given: bool = True, **but: Any) -> Member:  # noqa: ANN401 -- of many kinds
    """Make somebody who paid for September, and answered about texts."""
    values: dict[str, Any] = {"paid": [SEPTEMBER], "phone": TO, **but}
    member = make_member(session, **values)
    answer(session, member, given=given)
    return member


def answer(session: Session, member: Member, *, given: bool) -> None:
    session.add(
        Consent(
            member_id=member.id, channel="text", given=given, wording="w", at=NOON, source="form"
        )
    )
    session.flush()


def texts(database: Database) -> list[OutboxText]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxText).order_by(OutboxText.id)))


def rules_of(app: Flask) -> Any:  # noqa: ANN401 -- the room's own
    return app.extensions["branches"].text_rules


def test_who_falls_behind_is_texted_once_a_stage_and_told_how_to_stop_it(
    app: Flask, database: Database, clock: FakeClock, phone: Phone, work: Work
) -> None:
    with database.transaction() as session:
        behind(session)
    work()
    clock.move(days=1)
    work()
    (said,) = phone.texts()
    assert said == (
        "Socialist Party: your dues came up to 30 September 2026. See our e-mail, or ring"
        " 020 8988 8777. No more texts? Reply STOP."
    )
    assert phone.sent[0]["phoneNumbers"] == [TO]
    clock.moment = NOON + dt.timedelta(days=20)  # the last month
    work()
    clock.moment = NOON + dt.timedelta(days=50)  # lapsed
    work()
    clock.move(days=40)
    work()
    assert len(phone.texts()) == 3
    assert "lapses on 1 January 2027" in phone.texts()[1]
    assert "has lapsed" in phone.texts()[2]
    assert all(segments(each).parts == 1 for each in phone.texts())


def test_only_who_wished_for_texts_and_can_have_them_is_texted(
    app: Flask, database: Database, work: Work, phone: Phone
) -> None:
    with database.transaction() as session:
        behind(session, given=False, email="a@example.org")
        changed = behind(session, email="b@example.org")
        answer(session, changed, given=False)
        behind(session, phone=None, email="c@example.org")
        behind(session, phone="+442079460123", email="d@example.org")
        make_member(session, paid=[SEPTEMBER], phone=TO, email="e@example.org")  # never asked
        minor = behind(session, email="f@example.org")
        minor.date_of_birth = dt.date(2009, 11, 23)
        stopped = behind(session, phone="+447700900124", email="g@example.org")
        (hashed,) = hashes(stopped.phone or "", rules_of(app).keys)
        session.add(TextOptOut(number_hash=hashed, since=NOON))
        again = behind(session, phone="+447700900125", given=False, email="h@example.org")
        answer(session, again, given=True)
    work()
    assert [each["phoneNumbers"] for each in phone.sent] == [["+447700900125"]]
    with database.reading() as session:
        assert len(session.scalars(select(OutboxMail)).all()) == 8


def test_what_is_put_out_at_night_waits_for_the_morning_and_what_comes_late_does_not_go(
    app: Flask, database: Database, clock: FakeClock, phone: Phone, work: Work
) -> None:
    clock.moment = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)
    with database.transaction() as session:
        behind(session)
    work()
    clock.moment = dt.datetime(2026, 11, 22, 7, 59, 59, tzinfo=dt.UTC)
    work()
    assert phone.sent == []
    phone.status = 503
    clock.move(seconds=1)
    work()
    assert phone.asked == 1
    clock.moment = dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC)
    phone.status = None
    work()
    assert (phone.sent, texts(database)[0].last_error) == ([], "too late")


@pytest.mark.parametrize(
    ("moment", "opens", "closes"),
    [
        ("2026-11-22 07:59", "2026-11-22 08:00", "2026-11-22 20:00"),
        ("2026-11-22 08:01", "2026-11-22 08:01", "2026-11-22 20:00"),
        ("2026-11-22 19:00", "2026-11-22 19:00", "2026-11-22 20:00"),
        ("2026-11-22 19:01", "2026-11-23 08:00", "2026-11-23 20:00"),
        ("2026-03-28 23:30", "2026-03-29 08:00", "2026-03-29 20:00"),  # and clocks go forward
        ("2026-06-30 23:59", "2026-07-01 08:00", "2026-07-01 20:00"),
    ],
)
def test_the_decent_hours_are_londons(moment: str, opens: str, closes: str) -> None:
    def there(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON)

    assert decent(there(moment).astimezone(dt.UTC)) == (there(opens), there(closes))


def test_who_pays_or_leaves_or_says_stop_meanwhile_is_not_texted(
    here: Flask, database: Database, clock: FakeClock, phone: Phone, work: Work
) -> None:
    clock.moment = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)
    numbers = [f"+4477009001{n}" for n in (30, 31, 32, 33)]
    with database.transaction() as session:
        members = [
            behind(session, phone=number, email=f"{number[1:]}@example.org") for number in numbers
        ]
    work()
    assert [each.due_at is None for each in texts(database)] == [False] * 4
    with database.transaction() as session:
        reminding.take_back(session, members[0].id, "paid meanwhile")
        wishes = dict.fromkeys(("email", "phone", "text", "post"), False)
        consenting.change(
            session, members[1], wishes, wordings={"text": "w"}, source="s", keys=("k",), now=NOON
        )
        room = here.extensions["branches"]
        (hashed,) = hashes(numbers[3], room.text_rules.keys)
        session.add(TextOptOut(number_hash=hashed, since=NOON))  # as it was put out
        stop = Inbound("generic", "1", numbers[2], "STOP", ReplyBy.GATEWAY)
        today = day_in_london(clock.now())
        receive(session, room.text_line, stop, rules=room.text_rules, today=today, now=clock.now())
    clock.move(hours=8)
    work()
    assert phone.sent == []
    assert {each.last_error for each in texts(database)} == {
        "paid meanwhile",
        "wishes for no texts",
        "called back: the number said STOP",
        "called back: the number takes no texts",
    }


def test_the_switch_and_the_lines_limits_hold_for_reminders_and_replies_go_first(
    here: Flask, database: Database, clock: FakeClock, phone: Phone, work: Work
) -> None:
    with database.transaction() as session:
        for number in range(LIMIT + 1):
            behind(session, phone=f"+44770090014{number}", email=f"{number}@example.org")
        room = here.extensions["branches"]
        asked = Inbound("android", "1", TO, "help", ReplyBy.OUTBOX)
        today = day_in_london(clock.now())
        reply = receive(
            session, room.text_line, asked, rules=room.text_rules, today=today, now=clock.now()
        )
    work()
    assert len(phone.sent) == LIMIT
    assert phone.texts()[0] == reply
    with database.transaction() as session:
        switching.turn(session, on=False, now=clock.now())
    clock.move(hours=1, seconds=1)
    work()
    assert len(phone.sent) == LIMIT
    with database.transaction() as session:
        switching.turn(session, on=True, now=clock.now())
        late = room.notices.put_out(session, [], now=clock.now())
    work()
    assert (late, len(phone.sent)) == (0, LIMIT + 2)
    with database.transaction() as session:
        switching.turn(session, on=False, now=clock.now())
        told = Text("dues-behind-text:x:1:last", TO, "words")
        assert room.notices.put_out(session, [told], now=clock.now()) == 0


def test_words_that_do_not_fit_are_refused_and_a_long_name_is_cut(
    here: Flask, database: Database, settings: Settings
) -> None:
    long = replace(settings.organisation, short_name="Cœurs " * 30)
    words = wording.texted(long)
    for stage in ("arrears", "last", "lapsed"):
        said = words(Reminder(uuid.uuid4(), stage, 24320, 24324))
        assert segments(notifying._written(said)).parts <= 2
    notices = here.extensions["branches"].notices
    with pytest.raises(TooLong), database.transaction() as session:
        notices.put_out(session, [Text("k", TO, "x" * 400)], now=NOON)
    assert texts(database) == []


def test_a_reminder_is_exported_erased_and_goes_by_clock(
    app: Flask, database: Database, clock: FakeClock, phone: Phone, work: Work, tmp_path: Path
) -> None:
    with database.transaction() as session:
        behind(session)
        behind(session, phone="+447700900125", email="kim@example.org", name="Kim Lee")
    work()
    path = tmp_path / "held.zip"
    assert run(app, "export", "sam@example.org", "--output", str(path)).exit_code == 0
    (held,) = opened(path)[0]["held"]["outbox_text"]
    assert held["recipient"] == TO
    clock.move(days=29)
    run(app, "retain")
    assert {each.recipient for each in texts(database)} == {TO, "+447700900125"}
    with database.transaction() as session:
        for member in session.scalars(select(Member).where(Member.phone == TO)):
            member.dues.stopped_at = NOON
    erased = run(app, "erase", "sam@example.org", "--why", "asked")
    assert "1 texts" in erased.output, erased.output
    assert {each.recipient for each in texts(database)} == {None, "+447700900125"}
    clock.move(days=1)
    assert "1  reminders by text" in run(app, "retain").output
    assert [each.text for each in texts(database)] == [None, None]


def test_nobody_is_texted_where_texts_are_not_set_up_or_not_wished_for(
    settings: Settings, database: Database, clock: FakeClock
) -> None:
    for but in (
        {"sms_android_api_url": "", "sms_android_keys": ()},
        {
            "organisation": replace(
                settings.organisation,
                membership=replace(settings.organisation.membership, text_reminders=False),
            )
        },
    ):
        made = create_app(
            replace(settings, **but),
            Adapters(clock, database, FakeMailer(), FakeGateway()),
        )
        assert made.extensions["members"].texter is None


def test_a_batch_of_texts_asks_as_many_questions_as_one_text(
    here: Flask, database: Database
) -> None:
    texter: Texter = here.extensions["members"].texter
    rules = here.extensions["members"].rules.months
    asked = [0]

    def count(*_: object) -> None:
        asked[-1] += 1

    sa.event.listen(database.engine, "before_cursor_execute", count)
    try:
        for number in (1, 20):
            with database.transaction() as session:
                for each in range(number):
                    behind(session, email=f"{number}-{each}@example.org")
            asked.append(0)
            for _batch in recomputing.everybody(
                rules, link=dt.timedelta(1), now=NOON, keep=True, texter=texter
            ):
                continue
            asked.append(0)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", count)
    assert asked[3] == asked[1]
