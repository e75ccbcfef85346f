"""Mail: rendering what the outbox holds, and sending it by SMTP."""

import datetime as dt
import logging
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from flask_babel import force_locale

from core import clock, leasing
from core.database import transaction
from core.outbox import OutboxMail

_log = logging.getLogger(__name__)
_SECONDS = 10
_MOST_ATTEMPTS = 30


class MailRefused(Exception):
    """The server will never take this mail."""


class MailUndelivered(Exception):
    """The mail did not leave this time."""


class Mailer(Protocol):
    """Whoever can send a mail."""

    def send(self, message: EmailMessage) -> None:
        """Hand the mail over.

        Raises:
            MailRefused: when it can never be taken.
            MailUndelivered: when it is worth another try.
        """


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends by SMTP; `url` is `smtp[s]://user:pass@host:port`; `smtp` turns to TLS if offered."""

    url: str

    def send(self, message: EmailMessage) -> None:
        """Hand the mail to the server within ten seconds a step."""
        parts = urlsplit(self.url)
        secure = parts.scheme == "smtps"
        connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
        host, port = parts.hostname or "localhost", parts.port or (465 if secure else 25)
        try:
            with connect(host, port, timeout=_SECONDS) as server:
                if not secure and server.has_extn("starttls"):
                    server.starttls()
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _words in error.recipients.values()]
            if codes and all(500 <= code < 600 for code in codes):  # noqa: PLR2004 -- RFC 5321 4.2.1
                raise MailRefused(f"recipient refused with {codes[0]}") from None
            raise MailUndelivered("recipient not taken now") from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailUndelivered(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Letters:
    """How letters are written: from whom, and with which addresses of our pages in them.

    `addresses` turns the ids among an outbox row's values into what the letter shows, so that no
    link that opens anything stands in the table.
    """

    sender: str
    public_url: str
    addresses: Callable[[Mapping[str, Any]], Mapping[str, str]]

    def compose(self, mail: OutboxMail, *, now: dt.datetime) -> EmailMessage:
        """Put words to a row: `templates/mail/<template>.txt`, whose first line is the subject."""
        with current_app.test_request_context(base_url=self.public_url), force_locale("en_GB"):
            values = {**mail.values, **self.addresses(mail.values)}
            text = render_template(f"mail/{mail.template}.txt", **values)
        head, _, body = text.partition("\n")
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.recipient
        message["Subject"] = " ".join(head.removeprefix("Subject:").split())
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail.message_id}@{_domain(self.sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body.strip() + "\n")
        return message


def send_due(mailer: Mailer, letters: Letters) -> int:
    """Send what is due in the running application's outbox; say how many rows were taken up."""
    with transaction() as session:
        taken = leasing.claim(session, OutboxMail, now=clock.now())
    for mail in taken:
        _send(mailer, letters, mail)
    return len(taken)


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _send(mailer: Mailer, letters: Letters, mail: OutboxMail) -> None:
    error, final = "", False
    try:
        mailer.send(letters.compose(mail, now=clock.now()))
    except MailRefused as refused:
        error, final = str(refused), True
    except MailUndelivered as undelivered:
        error, final = str(undelivered), mail.attempts >= _MOST_ATTEMPTS
    except Exception as fault:  # noqa: BLE001 -- one bad mail must not hold up the others
        _log.exception("mail not composed", extra={"mail": mail.id})
        error = type(fault).__name__
    with transaction() as session:
        row = session.merge(mail)
        if not error:
            leasing.done(row, now=clock.now())
        elif final:
            leasing.given_up(row, error)
        else:
            leasing.failed(row, error, now=clock.now())
    if error:
        _log.warning("mail not sent", extra={"mail": mail.id, "error": error, "final": final})
