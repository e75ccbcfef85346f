"""Mail: what the outbox holds is put to words and sent, once, whatever the server's mood."""

import datetime as dt
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import sqlalchemy as sa
from flask import Flask

from app import Adapters, create_app
from config import Settings
from core import leasing, outbox
from core.database import Database
from core.leasing import LEASE
from core.mail import Letters, SmtpMailer, send_due
from core.outbox import OutboxMail
from tests.conftest import Work
from tests.core.smtp import PostOffice, serving
from tests.fakes import START, FakeClock, FakeGateway, FakeMailer
from tests.ports import free_port

SAM = "sam@example.org"
ENQUIRY: dict[str, object] = {
    "name": "Sam Jones",
    "number": "07700 900123",
    "postcode": "E11 1AA",
    "branch": {"slug": "leyton", "name": "Leyton"},
    "outcome": "match",
    "received_at": START.isoformat(),
}

Put = Callable[..., None]


@pytest.fixture
def put(database: Database) -> Put:
    def put_one(key: str = "one", to: str = SAM, **but: object) -> None:
        values = {**ENQUIRY, **but}
        with database.transaction() as session:
            outbox.mail(session, "enquiry_notice", key=key, to=to, values=values, now=START)

    return put_one


def rows(database: Database) -> list[OutboxMail]:
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def test_a_mail_is_sent_once(
    put: Put, work: Work, mailer: FakeMailer, clock: FakeClock, database: Database
) -> None:
    put()

    work()
    clock.move(days=1)
    work()

    (letter,) = mailer.sent
    assert letter["To"] == SAM
    assert letter["From"] == "Test <test@example.org>"
    assert letter["Subject"] == "A text from near Leyton: please ring"
    assert letter["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    assert letter["Auto-Submitted"] == "auto-generated"
    (row,) = rows(database)
    assert letter["Message-ID"] == f"<{row.message_id}@example.org>"
    assert (row.done_at, row.due_at, row.last_error) == (START, None, None)


def test_a_mail_is_written_for_people(put: Put, work: Work, mailer: FakeMailer) -> None:
    put(name="Siân <b>O'Neill</b> & Co")

    work()

    text = mailer.sent[0].get_content()
    assert "Siân <b>O'Neill</b> & Co" in text
    assert "Received: 22 November 2026" in text
    assert max(map(len, text.splitlines())) <= 78


EVIL = (
    "Leyton\nBcc: other@example.org",
    "Leyton\r\nBcc: other@example.org\r\n\r\nAnother body",
    "Leyton\rBcc: other@example.org",
    "Leyton\x0bBcc: other@example.org",
    "Leyton\x0cBcc: other@example.org",
    "Leyton\u2028Bcc: other@example.org",
    "Leyton\x85Bcc: other@example.org",
    "Leyton\x00Bcc: other@example.org",
    "=?utf-8?q?Leyton=0ABcc:_other=40example.org?=",
    "L" * 5000,
)
HEADERS = {
    *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
    *(b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"),
}


def test_nothing_typed_can_add_a_header(app: Flask, mailer: FakeMailer, clock: FakeClock) -> None:
    letters: Letters = app.extensions["letters"]
    for evil in EVIL:
        values = {**ENQUIRY, "name": evil, "branch": {"slug": "leyton", "name": evil}}
        mail = OutboxMail(template="enquiry_notice", recipient=SAM, values=values, message_id="one")

        with app.app_context():
            letter = letters.compose(mail, now=clock.now())

        head = letter.as_bytes(policy=SMTP).partition(b"\r\n\r\n")[0]
        lines = re.split(rb"\r\n(?![ \t])", head)
        assert {line.partition(b":")[0] for line in lines} == HEADERS, evil
        assert len(lines) == len(HEADERS)
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", head), evil


def test_a_recipient_that_would_add_a_header_is_never_written_to(
    put: Put, work: Work, mailer: FakeMailer, database: Database
) -> None:
    put(to="sam@example.org\r\nBcc: other@example.org")
    put(key="two", to="=?utf-8?q?sam=0ABcc=3A=20other=40example.org=0A?=@example.org")
    put(key="three", to="alex@example.org")

    work()

    assert [letter["To"] for letter in mailer.sent] == ["alex@example.org"]
    assert [row.last_error for row in rows(database)] == ["ValueError", "ValueError", None]


def test_a_server_that_is_down_is_tried_again_and_the_mail_is_the_same_one(
    put: Put, work: Work, mailer: FakeMailer, clock: FakeClock, database: Database
) -> None:
    put()
    mailer.down = True
    for wait in (0, 15, 30, 60):
        clock.move(seconds=wait)
        work()
    (row,) = rows(database)
    assert (row.attempts, row.last_error, row.done_at) == (4, "down", None)

    mailer.down = False
    clock.move(seconds=119)
    work()
    assert mailer.sent == []
    clock.move(seconds=1)
    work()

    (letter,) = mailer.sent
    assert letter["Message-ID"] == f"<{row.message_id}@example.org>"
    assert rows(database)[0].done_at == clock.now()


def test_a_refused_recipient_is_given_up_and_can_be_seen(
    put: Put, work: Work, mailer: FakeMailer, clock: FakeClock, database: Database
) -> None:
    put()
    mailer.refusing = True
    work()
    mailer.refusing = False
    clock.move(days=30)
    work()

    assert mailer.sent == []
    (row,) = rows(database)
    assert (row.due_at, row.done_at, row.last_error) == (None, None, "refused")


def test_a_server_that_stays_down_is_given_up_after_a_day(
    put: Put, work: Work, mailer: FakeMailer, clock: FakeClock, database: Database
) -> None:
    put()
    mailer.down = True
    for _hour in range(30):
        work()
        clock.move(hours=1)

    (row,) = rows(database)
    assert (row.attempts, row.due_at, row.last_error) == (30, None, "down")


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    put: Put, work: Work, mailer: FakeMailer, database: Database
) -> None:
    with database.transaction() as session:
        outbox.mail(session, "no_such_letter", key="bad", to=SAM, values={}, now=START)
    put()

    work()

    assert len(mailer.sent) == 1
    bad = rows(database)[0]
    assert (bad.last_error, bad.done_at) == ("TemplateNotFound", None)
    assert bad.due_at is not None


def test_very_many_mails_are_all_sent(put: Put, work: Work, mailer: FakeMailer) -> None:
    for number in range(12):
        put(key=str(number), to=f"{number}@example.org")

    work()

    assert [letter["To"] for letter in mailer.sent] == [f"{n}@example.org" for n in range(12)]


class Meddling(FakeMailer):
    """Lets something happen while the mail is on its way."""

    def __init__(self, meanwhile: Callable[[], None], *, down: bool = False) -> None:
        super().__init__(down=down)
        self.meanwhile = meanwhile

    def send(self, message: EmailMessage) -> None:
        self.meanwhile()
        super().send(message)


def send(app: Flask, mailer: FakeMailer) -> None:
    with app.app_context():
        send_due(mailer, app.extensions["letters"])


@pytest.mark.parametrize("down", [True, False])
def test_a_mail_erased_while_it_is_sent_stays_erased(
    down: bool,  # noqa: FBT001 -- a parameter of the test
    put: Put,
    app: Flask,
    database: Database,
) -> None:
    def erase() -> None:
        with database.transaction() as session:
            session.execute(sa.delete(OutboxMail))

    put()
    send(app, Meddling(erase, down=down))

    assert rows(database) == []


def test_a_worker_that_lost_its_lease_does_not_undo_what_another_sent(
    put: Put, app: Flask, clock: FakeClock, database: Database
) -> None:
    other = FakeMailer()

    def take_over() -> None:
        clock.moment += LEASE
        send(app, other)

    put()
    send(app, Meddling(take_over, down=True))

    (row,) = rows(database)
    assert len(other.sent) == 1
    assert row.done_at is not None
    assert row.due_at is None


def test_a_worker_that_dies_leaves_the_mail_to_another(
    put: Put, work: Work, mailer: FakeMailer, clock: FakeClock, database: Database
) -> None:
    put()
    with database.transaction() as session:
        leasing.claim(session, OutboxMail, now=clock.now())

    work()
    assert mailer.sent == []
    clock.moment += LEASE
    work()
    assert len(mailer.sent) == 1


@pytest.mark.parametrize("sender", ["office@example.org", "Bücher & Söhne <office@example.org>"])
def test_a_mail_reaches_a_real_server_though_it_was_down_before(
    sender: str, settings: Settings, database: Database, clock: FakeClock, put: Put
) -> None:
    port = free_port()
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}")
    own = Settings.read({"SECRET_KEY": settings.secret_key, "MAIL_FROM": sender})
    app = create_app(own, Adapters(clock, database, mailer, FakeGateway()))
    work, office = Work(app), PostOffice()
    put(name="Siân Jones")

    work()
    (row,) = rows(database)
    assert (row.attempts, row.last_error) == (1, "ConnectionRefusedError")
    clock.moment += dt.timedelta(seconds=15)
    with serving(office, port):
        work()
        clock.move(days=1)
        work()

    (letter,) = office.letters
    assert letter["Message-ID"] == f"<{row.message_id}@example.org>"
    assert letter["From"] == sender
    assert "Siân Jones" in letter.get_content()
