import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from branches.locator import IndexMissing, Locator
from branches.models import Enquiry, InboundText, TextOptOut
from branches.room import Room
from branches.texting.answering import Read
from branches.texting.enquiring import mail_key
from branches.texting.forgetting import forget
from branches.texting.gsm import segments
from core.database import Database
from core.outbox import OutboxMail
from tests.branches.factories import TODAY
from tests.branches.texting.corpus import examples
from tests.branches.texting.line import PLACED, RULES, SAM, Line
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeMailer


def read(line: Line, text: str) -> Read:
    with line.database.reading() as session:
        return line.line.read(session, text, today=TODAY)


def count(line: Line, kind: type) -> int:
    return len(line.all(kind))


def test_a_text_is_answered_with_branch_and_organiser(line: Line) -> None:
    found = line.text(PLACED)
    assert found
    assert "Leyton" in found
    assert "07700 900 001" in found
    assert "Jones" not in found
    stored = line.last()
    assert (stored.outcome, stored.reply, stored.sender) == ("match", found, SAM)
    assert (stored.text, stored.forget_on) == (PLACED, dt.date(2026, 12, 22))


@pytest.mark.parametrize(
    ("text", "outcome", "postcode"),
    [
        (PLACED, "match", "ZZ1 1AA"),
        ("ZZ1 1AA", "match", "ZZ1 1AA"),
        ("ZZ7 1AA", "match", "ZZ7 1AA"),
        ("my postcode is ZZ1", "outcode", "ZZ1"),
        ("ZZ1 1AA or ZZ4 1AA", "choose", "ZZ1 1AA"),
        ("ZZ1 1BB", "unknown_postcode", "ZZ1 1BB"),
        ("BT7 1NN", "not_covered", "BT7 1NN"),
        ("Sam Jones", "ask_postcode", None),
        ("STOP", "stop", None),
        ("START", "start", None),
        ("HELP", "help", None),
        ("thank you", "no_reply", None),
    ],
)
def test_every_outcome_has_its_reply(
    line: Line, text: str, outcome: str, postcode: str | None
) -> None:
    found = read(line, text)
    assert (found.outcome, found.postcode) == (outcome, postcode)
    assert (found.reply is None) == (outcome == "no_reply")
    if found.reply:
        assert segments(found.reply).parts <= 2


def test_an_unknown_postcode_is_told_with_the_answer_of_its_district(line: Line) -> None:
    found = read(line, "ZZ1 1BB").reply
    assert found
    assert "ZZ1 1BB" in found
    assert "Leyton" in found


def test_an_outcode_with_two_branches_names_both(line: Line) -> None:
    found = read(line, "my postcode is ZZ1").reply
    assert found
    assert "Leyton" in found
    assert "Hackney" in found


@pytest.mark.index
def test_the_examples_are_understood_and_answered(
    app: Flask, database: Database, shipped_directory: None
) -> None:
    room: Room = app.extensions["branches"]
    wrong = []
    with app.app_context(), database.reading() as session:
        for example in examples():
            found = room.text_line.read(session, example.text, today=TODAY)
            named = (found.name or "") in example.names
            placed = found.postcode in example.places if example.places else not found.postcode
            if not (named and placed and found.outcome == example.outcome):
                wrong.append((example.id, found))
            assert found.reply is None or segments(found.reply).parts <= 2
    assert wrong == []


def test_a_repeated_message_gets_the_stored_reply_and_one_enquiry(line: Line) -> None:
    first = line.text(PLACED, message_id="a")
    line.move(hours=2)
    assert line.text("something else", message_id="a") == first
    assert (count(line, InboundText), count(line, Enquiry), count(line, OutboxMail)) == (1, 1, 1)


def test_the_same_message_at_the_same_moment_is_one_text(app: Flask, line: Line) -> None:
    def send(_number: int) -> str | None:
        with app.app_context():
            return line.text(PLACED, message_id="same")

    with ThreadPoolExecutor(4) as pool:
        replies = set(pool.map(send, range(4)))
    assert len(replies) == 1
    assert None not in replies
    assert (count(line, InboundText), count(line, Enquiry), count(line, OutboxMail)) == (1, 1, 1)


def test_many_stops_at_the_same_moment_are_confirmed_once(app: Flask, line: Line) -> None:
    def send(number: int) -> str | None:
        with app.app_context():
            return line.text("STOP", message_id=f"stop-{number}")

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(send, range(8)))
    assert len([reply for reply in replies if reply is not None]) == 1
    assert (count(line, InboundText), count(line, TextOptOut)) == (8, 1)


def test_without_an_id_the_same_words_within_two_minutes_are_one_text(line: Line) -> None:
    first = line.text(PLACED, message_id=None)
    line.move(seconds=119)
    assert line.text(PLACED, message_id=None) == first
    assert count(line, InboundText) == 1
    line.text("ZZ4 1AA", message_id=None)
    line.text(PLACED, sender="+447700900124", message_id=None)
    assert count(line, InboundText) == 3
    line.move(seconds=2)
    line.text(PLACED, message_id=None)
    assert count(line, InboundText) == 4


def test_a_message_id_of_any_length_and_kind_is_kept_apart(line: Line) -> None:
    for message_id in ("x" * 5000, "x" * 5001, "\u2603", "x' OR 1=1"):
        line.text("HELP", message_id=message_id)
        line.text("HELP", message_id=message_id)
    assert count(line, InboundText) == 4


def test_who_texts_becomes_an_enquiry_that_the_organiser_hears_of(
    line: Line, work: Work, mailer: FakeMailer
) -> None:
    line.text(PLACED)
    (enquiry,) = line.all(Enquiry)
    assert isinstance(enquiry, Enquiry)
    assert (enquiry.name, enquiry.phone, enquiry.postcode) == ("Sam Jones", SAM, "ZZ1 1AA")
    assert enquiry.branch_id
    assert enquiry.region_id
    assert enquiry.forget_on == dt.date(2026, 12, 22)
    work()
    (mail,) = mailer.to("london@example.org")
    for shown in ("Sam Jones", "07700 900123", "ZZ1 1AA", "Leyton", "22 November 2026"):
        assert shown in mail.get_content()


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("my postcode is ZZ1", "london@example.org"),
        ("ZZ4 1AA", "eastern@example.org"),
        ("ZZ4 2AA", "eastern@example.org"),
        ("ZZ1 1BB", "london@example.org"),
        ("ZZ7 1AA", "office@example.org"),
        ("XX1 1BB", "office@example.org"),
        ("ZZ1 1AA or ZZ4 1AA", "office@example.org"),
    ],
)
def test_an_enquiry_goes_to_its_region_or_else_to_the_office(
    line: Line, text: str, to: str
) -> None:
    line.text(text)
    (mail,) = line.all(OutboxMail)
    assert isinstance(mail, OutboxMail)
    assert mail.recipient == to


def test_an_office_without_an_address_is_not_written_to(line: Line) -> None:
    line.rules = replace(RULES, office_email=None)
    line.text("ZZ7 1AA")
    assert (count(line, Enquiry), count(line, OutboxMail)) == (1, 0)


@pytest.mark.parametrize("text", ["hello", "BT7 1NN", "HELP", "thank you", ""])
def test_who_asked_for_no_branch_is_no_enquiry(line: Line, text: str) -> None:
    line.text(text)
    assert (count(line, Enquiry), count(line, OutboxMail)) == (0, 0)


@pytest.mark.parametrize(
    "sender",
    [
        "SOCIALIST",
        "60777",
        "118118",
        "+447700900999",
        "07700 900999",
        "+442089888777",
        "+447624123456",
        "+447797712345",
        "+447012345678",
        "+33612345678",
        "+1 202 555 0123",
        "EE",
        "07700FLOWER",
        "+44770090012\u0663",
    ],
)
def test_what_is_no_british_mobile_is_stored_and_never_answered(line: Line, sender: str) -> None:
    assert line.text(PLACED, sender=sender) is None
    assert line.last().outcome == "no_reply"
    assert count(line, Enquiry) == 0


@pytest.mark.parametrize(
    "sender", [SAM, "07700 900123", "447700900123", "00447700900123", "+44 (0)7700 900123"]
)
def test_a_mobile_is_answered_however_the_gateway_writes_it(line: Line, sender: str) -> None:
    assert line.text(PLACED, sender=sender)
    (enquiry,) = line.all(Enquiry)
    assert isinstance(enquiry, Enquiry)
    assert enquiry.phone == SAM


def test_after_stop_nothing_is_sent_until_start(line: Line) -> None:
    confirmation = line.text("STOP")
    assert confirmation
    assert "no more texts" in confirmation
    for text in ("STOP", PLACED, "HELP", "hello"):
        assert line.text(text, sender="07700900123") is None
    assert count(line, Enquiry) == 0
    assert line.text(PLACED, sender="+447700900124")
    assert line.text("START")
    assert line.text(PLACED)
    assert count(line, TextOptOut) == 0


def test_a_repeated_stop_message_gets_its_one_confirmation_again(line: Line) -> None:
    first = line.text("STOP", message_id="s")
    assert line.text("STOP", message_id="s") == first
    assert line.text("STOP", message_id="t") is None
    assert line.last().outcome == "stop"


def test_an_opt_out_holds_no_number_and_outlives_the_key(line: Line) -> None:
    line.text("STOP")
    (kept,) = line.all(TextOptOut)
    assert isinstance(kept, TextOptOut)
    assert "7700900123" not in kept.number_hash
    line.rules = replace(RULES, keys=(b"a new key", *RULES.keys))
    assert line.text(PLACED) is None
    assert line.text("START")
    assert line.text(PLACED)


def test_one_number_gets_so_many_replies_an_hour(line: Line) -> None:
    replies = [line.text(f"{PLACED} {number}") for number in range(7)]
    assert [reply is not None for reply in replies] == [True] * 5 + [False] * 2
    assert line.last().outcome == "no_reply"
    assert count(line, InboundText) == 7
    assert count(line, Enquiry) == 5
    assert line.text(PLACED, sender="+447700900124")
    line.move(hours=1)
    assert line.text(PLACED)


def test_all_together_get_so_many_replies_an_hour(line: Line) -> None:
    replies = [line.text(PLACED, sender=f"+4477009001{number}") for number in range(10, 20)]
    assert sum(reply is not None for reply in replies) == 8


def test_stop_is_heeded_beyond_every_limit(line: Line) -> None:
    line.rules = replace(RULES, texts_an_hour=1)
    assert line.text(PLACED)
    assert line.text("STOP") is None
    line.move(hours=2)
    assert line.text(PLACED) is None


def test_without_an_index_nothing_is_stored_so_that_the_gateway_tries_again(
    line: Line, tmp_path: Path
) -> None:
    line.line = replace(line.line, locator=Locator(tmp_path / "none.idx", cut_off_km=60))
    with pytest.raises(IndexMissing):
        line.text(PLACED)
    assert count(line, InboundText) == 0


def test_who_texted_is_forgotten_on_the_day_and_counted_for_ever(
    line: Line, work: Work, mailer: FakeMailer
) -> None:
    line.text(PLACED, message_id="IN20261122_120000_00_+447700900123_00.txt")
    line.move(days=1)
    line.text("Kim ZZ4 1AA", sender="+447700900124")
    work()
    forgotten = _forget(line, dt.date(2026, 12, 21)), _forget(line, dt.date(2026, 12, 22))
    assert forgotten == (0, 1)
    with line.database.reading() as session:
        texts = session.scalars(select(InboundText).order_by(InboundText.id)).all()
        enquiries = session.scalars(select(Enquiry).order_by(Enquiry.id)).all()
        mails = {mail.key: mail for mail in session.scalars(select(OutboxMail))}
    first, second = texts
    assert (first.sender, first.sender_hash, first.text, first.reply) == (None, None, None, None)
    assert "7700900123" not in first.message_id
    assert (first.outcome, first.received_at) == ("match", START)
    assert (second.sender, second.text) == ("+447700900124", "Kim ZZ4 1AA")
    assert (enquiries[0].name, enquiries[0].phone, enquiries[0].postcode) == (None, None, None)
    assert enquiries[0].branch_id
    assert enquiries[1].name == "Kim"
    assert mails[mail_key(enquiries[0].id)].values == {}
    assert mails[mail_key(enquiries[1].id)].values["name"] == "Kim"
    assert _forget(line, dt.date(2026, 12, 22)) == 0


def test_the_worker_forgets(app: Flask, line: Line, work: Work, clock: FakeClock) -> None:
    line.text(PLACED)
    clock.move(days=31)
    work()
    assert line.last().sender is None


def test_an_opt_out_is_not_forgotten(line: Line) -> None:
    line.text("STOP")
    _forget(line, dt.date(2030, 1, 1))
    assert count(line, TextOptOut) == 1


def _forget(line: Line, today: dt.date) -> int:
    with line.database.transaction() as session:
        return forget(session, today=today)
