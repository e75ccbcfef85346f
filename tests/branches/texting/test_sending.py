"""Replies that leave through the outbox of texts, to the phone's API."""

import datetime as dt
import json

import pytest
from flask import Flask
from sqlalchemy import select

from branches.models import InboundText, OutboxText
from branches.texting import sending
from branches.texting.android_gateway import signature
from branches.texting.android_phone import AndroidPhone
from branches.texting.forgetting import forget
from branches.texting.gateways import ReplyBy
from branches.texting.sending import TextRefused, TextUnsent
from config import Settings
from core.clock import day_in_london
from tests.branches.texting.line import PLACED, SAM, Line
from tests.branches.texting.phone import Phone
from tests.branches.texting.rigs import Android, all_on, event
from tests.conftest import Work
from tests.fakes import START, FakeClock
from tests.ports import free_port


@pytest.fixture
def settings(settings: Settings, phone: Phone) -> Settings:
    return all_on(settings, phone)


@pytest.fixture
def android(app: Flask, line: Line, clock: FakeClock, phone: Phone, work: Work) -> Android:
    return Android(app.test_client(), clock, phone, work, "")


def texted(line: Line, text: str = PLACED) -> str | None:
    return line.text(text, reply_by=ReplyBy.OUTBOX)


def waiting(line: Line) -> OutboxText:
    with line.database.reading() as session:
        return session.scalars(select(OutboxText).order_by(OutboxText.id)).first() or pytest.fail(
            "no text is in the outbox"
        )


def test_a_reply_leaves_once_with_an_id_of_ours(line: Line, phone: Phone, work: Work) -> None:
    reply = texted(line)
    assert line.text(PLACED, message_id="message 1", reply_by=ReplyBy.OUTBOX) == reply
    work()
    work()
    (sent,) = phone.sent
    kept = waiting(line)
    assert sent == {
        "id": kept.message_id,
        "textMessage": {"text": reply},
        "phoneNumbers": [SAM],
        "ttl": 3600,
        "withDeliveryReport": False,
    }
    assert (kept.due_at, kept.done_at, kept.last_error) == (None, START, None)


def test_a_phone_that_has_it_already_is_no_fault(line: Line, phone: Phone, work: Work) -> None:
    phone.deaf = True
    texted(line)
    work()
    assert waiting(line).last_error == "ConnectionError"
    phone.deaf = False
    _later(line, work, seconds=16)
    assert (len(phone.sent), phone.asked) == (1, 2)
    assert waiting(line).done_at


@pytest.mark.parametrize("status", [500, 503, 429, 301])
def test_a_phone_in_trouble_is_asked_again(
    line: Line, phone: Phone, work: Work, status: int
) -> None:
    phone.status = status
    texted(line)
    work()
    assert waiting(line).last_error == f"answered {status}"
    phone.status = None
    work()
    assert phone.sent == []
    _later(line, work, seconds=16)
    assert len(phone.sent) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_the_phone_refuses_is_given_up(
    line: Line, phone: Phone, work: Work, status: int
) -> None:
    phone.status = status
    texted(line)
    work()
    phone.status = None
    _later(line, work, hours=0.5)
    assert phone.asked == 1
    assert (waiting(line).due_at, waiting(line).last_error) == (None, f"refused with {status}")


def test_a_reply_an_hour_old_is_not_sent(line: Line, phone: Phone, work: Work) -> None:
    phone.status = 500
    texted(line)
    for _ in range(12):
        _later(line, work, minutes=6)
    phone.status = None
    _later(line, work, hours=2)
    assert phone.sent == []
    assert (waiting(line).due_at, waiting(line).last_error) == (None, "too late")


def test_stop_calls_back_what_has_not_left(line: Line, phone: Phone, work: Work) -> None:
    texted(line)
    texted(line, "STOP")
    work()
    (sent,) = phone.texts()
    assert "no more texts" in sent
    assert waiting(line).last_error == "called back: the number said STOP"


def test_turned_off_nothing_leaves(app: Flask, line: Line, phone: Phone, work: Work) -> None:
    texted(line)
    app.test_cli_runner().invoke(args=["branches", "texts", "--off"])
    work()
    assert phone.asked == 0
    app.test_cli_runner().invoke(args=["branches", "texts", "--on"])
    work()
    assert len(phone.sent) == 1


def test_what_was_sent_to_whom_is_forgotten_with_the_text(
    line: Line, phone: Phone, work: Work
) -> None:
    texted(line)
    with line.database.transaction() as session:
        assert forget(session, today=day_in_london(START + dt.timedelta(days=31))) == 1
    work()
    kept = waiting(line)
    assert (kept.recipient, kept.text, kept.due_at) == (None, None, None)
    assert phone.asked == 0


def test_a_phone_that_is_not_there_is_tried_again() -> None:
    away = AndroidPhone(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TextUnsent, match="ConnectionError"):
        away.send(SAM, "hello", message_id="1", seconds=60)


def test_a_wrong_password_is_told(phone: Phone) -> None:
    other = AndroidPhone(phone.url.replace("sms:", "root:"))
    with pytest.raises(TextRefused, match="401"):
        other.send(SAM, "hello", message_id="1", seconds=60)


def test_a_text_is_given_up_that_was_forgotten_while_it_was_sent(
    app: Flask, line: Line, phone: Phone, clock: FakeClock
) -> None:
    texted(line)

    class Slow:
        def send(self, *_what: str, **_how: object) -> None:
            with line.database.transaction() as session:
                forget(session, today=dt.date(2027, 1, 1))
            raise TextUnsent("slow")

    assert sending.send_due(Slow(), line.rules) == 1
    assert waiting(line).due_at is None


def test_one_text_emitted_twice_is_one_text(android: Android, line: Line, phone: Phone) -> None:
    for _ in range(2):
        assert android.send_raw(json.dumps(event(PLACED)).encode()).status_code == 200
    android.work()
    assert len(phone.sent) == len(line.all(InboundText)) == 1


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (299, 200), (-299, 200), (301, 403), (-301, 403)]
)
def test_a_request_is_worth_five_minutes(
    android: Android, clock: FakeClock, seconds: int, status: int
) -> None:
    android.stamp = str(int(clock.now().timestamp()) + seconds)
    assert android.send(PLACED).status_code == status


@pytest.mark.parametrize("stamp", ["now", "-1", "9" * 30, "1.5", "\u0661"])
def test_a_time_that_is_none_is_refused(android: Android, stamp: str) -> None:
    android.stamp = stamp if stamp.isascii() else "x"
    assert android.send(PLACED).status_code == 403


def test_a_signature_is_for_one_body_and_one_time(android: Android, clock: FakeClock) -> None:
    body = json.dumps(event(PLACED)).encode()
    stamp = str(int(clock.now().timestamp()))
    signed = signature(android.secret, body, stamp)
    for sent, told in [(body + b" ", stamp), (body, str(int(stamp) + 1))]:
        headers = {"X-Timestamp": told, "X-Signature": signed}
        response = android.client.post(android.path, data=sent, headers=headers)
        assert response.status_code == 403
    headers = {"X-Timestamp": stamp, "X-Signature": signed.upper()}
    assert android.client.post(android.path, data=body, headers=headers).status_code == 200


def test_pings_and_reports_are_taken_and_not_kept(android: Android, line: Line) -> None:
    for kind in ("system:ping", "sms:sent", "sms:delivered"):
        body = json.dumps(event() | {"event": kind, "payload": {"health": {}}}).encode()
        assert android.send_raw(body).status_code == 200
    assert line.all(InboundText) == []


def test_an_older_app_names_the_sender_otherwise(android: Android, line: Line) -> None:
    found = event(PLACED)
    found["payload"]["phoneNumber"] = found["payload"].pop("sender")
    found["payload"]["simNumber"] = None
    assert android.send_raw(json.dumps(found).encode()).status_code == 200
    assert line.last().sender == SAM


def _later(line: Line, work: Work, **by: float) -> None:
    line.move(**by)
    work.app.extensions["clock"].move(**by)
    work()
