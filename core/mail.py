"""Mail: rendering what the outbox holds, and sending it by SMTP."""

import contextlib
import datetime as dt
import ipaddress
import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from core import clock, leasing
from core.addresses import EmailAddress
from core.database import reading, transaction
from core.outbox import OutboxMail
from core.suppression import is_suppressed

_log = logging.getLogger(__name__)
_FOR_GOOD = 500
_AT_ONCE = 5
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
    """Sends by SMTP; `url` is `smtp[s]://user:pass@host:port`, `seconds` how long a step may take.

    `smtp` turns to TLS where it is offered. A password is told only to a server that has proved its
    name by its certificate, or that is this machine.
    """

    url: str
    seconds: float = 10

    def send(self, message: EmailMessage) -> None:
        """Hand the mail to the server; once that has said yes, nothing makes it unsent."""
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            raise MailUndelivered(type(error).__name__) from None
        try:
            server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise _refusal(error) from None
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        """Open the way, to where a letter can be handed over."""
        parts = urlsplit(self.url)
        host, user = parts.hostname or "localhost", unquote(parts.username or "")
        if parts.scheme == "smtps":
            proof = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=self.seconds, context=proof
            )
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=self.seconds)
        try:
            if parts.scheme == "smtp":
                _turn_to_tls(server, host, proof_needed=bool(user))
            if user:
                server.login(user, unquote(parts.password or ""))
        except (smtplib.SMTPException, OSError, MailUndelivered):
            server.close()
            raise
        return server


def _turn_to_tls(server: smtplib.SMTP, host: str, *, proof_needed: bool) -> None:
    """Turn to TLS where it is offered; where a password follows, insist on it (RFC 8314, 3)."""
    server.ehlo()
    if server.has_extn("starttls"):
        context = ssl.create_default_context()
        if not proof_needed:  # better than in the clear, whoever it is (RFC 7435)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        server.starttls(context=context)
        server.ehlo()
    elif proof_needed and not _is_this_machine(host):
        raise MailUndelivered("the server offers no TLS, and a password needs it")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refusal(error: Exception) -> MailRefused | MailUndelivered:
    """Say whether another try could help; codes from 500 on are for good (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        if codes and min(codes) >= _FOR_GOOD:
            return MailRefused(f"recipient refused with {codes[0]}")
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _FOR_GOOD:
        return MailRefused(f"letter refused with {error.smtp_code}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailRefused("the server takes no addresses beyond ASCII")
    return MailUndelivered(type(error).__name__)


@dataclass(frozen=True, slots=True)
class Letters:
    """How letters are written: from whom, and with which addresses of our pages in them.

    `addresses` turns the ids among an outbox row's values into what the letter shows, so that no
    link that opens anything stands in the table. `keys` are those by which unsubscribed addresses
    are known, newest first.
    """

    sender: str
    public_url: str
    addresses: Callable[[Mapping[str, Any]], Mapping[str, str]]
    keys: Sequence[str] = ()

    def is_unwanted(self, mail: OutboxMail) -> bool:
        """Whether it is a campaign to an address that has been unsubscribed since it was made."""
        if not mail.campaign:
            return False
        with reading() as session:
            return is_suppressed(session, EmailAddress.parse(mail.recipient).key, self.keys)

    def compose(self, mail: OutboxMail, *, now: dt.datetime) -> EmailMessage:
        """Put words to a row: `templates/mail/<template>.txt`, whose first line is the subject."""
        with current_app.test_request_context(base_url=self.public_url), force_locale("en_GB"):
            values = {**mail.values, **self.addresses(mail.values)}
            text = render_template(f"mail/{mail.template}.txt", **values)
        head, _, body = text.partition("\n")
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.recipient
        message["Subject"] = _subject(head)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail.message_id}@{_domain(self.sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        if mail.campaign:  # both, so that a mail program offers its own button (RFC 8058, 3.1)
            message["List-Unsubscribe"] = f"<{values['unsubscribe_url']}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(body.strip() + "\n")
        if any(end in str(value) for value in message.values() for end in "\r\n"):
            raise ValueError("a header holds a line end")
        return message


def send_due(mailer: Mailer, letters: Letters) -> int:
    """Send what is due in the running application's outbox; say how many rows were taken up."""
    with transaction() as session:
        taken = leasing.claim(session, OutboxMail, now=clock.now(), most=_AT_ONCE)
    for mail in taken:
        _send(mailer, letters, mail)
    return len(taken)


def _subject(head: str) -> str:
    """Return one line, in which nothing passes for an encoded word (RFC 2047) and its contents."""
    return " ".join(head.removeprefix("Subject:").replace("=?", "= ?").split())


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _hand_over(mailer: Mailer, letters: Letters, mail: OutboxMail) -> None:
    if letters.is_unwanted(mail):
        raise MailRefused("unsubscribed")
    mailer.send(letters.compose(mail, now=clock.now()))


def _send(mailer: Mailer, letters: Letters, mail: OutboxMail) -> None:
    error, final = "", False
    try:
        _hand_over(mailer, letters, mail)
    except MailRefused as refused:
        error, final = str(refused), True
    except MailUndelivered as undelivered:
        error, final = str(undelivered), mail.attempts >= _MOST_ATTEMPTS
    except Exception as fault:  # noqa: BLE001 -- one bad mail must not hold up the others
        _log.exception("mail not composed", extra={"mail": mail.id})
        error, final = type(fault).__name__, mail.attempts >= _MOST_ATTEMPTS
    with transaction() as session:
        _note(session, mail, error, final=final)
    if error:
        _log.warning("mail not sent", extra={"mail": mail.id, "error": error, "final": final})


def _note(session: Session, mail: OutboxMail, error: str, *, final: bool) -> None:
    """Note what became of a mail, unless its row was erased or is another worker's by now."""
    row = session.get(OutboxMail, mail.id)
    if row is None or not row.recipient:
        return
    if not error:
        leasing.done(row, now=clock.now())
    elif row.attempts == mail.attempts and row.done_at is None:
        if final:
            leasing.given_up(row, error)
        else:
            leasing.failed(row, error, now=clock.now())
