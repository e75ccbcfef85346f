"""A real SMTP server on loopback that remembers, and answers as it is told."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(slots=True)
class PostOffice:
    """What the server is to answer, and what it was given."""

    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    to_quit: str = "221 Bye"
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.to_data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            letter = BytesParser(EmailMessage, policy=default).parsebytes(envelope.content)
            self.letters.append(letter)
            self.recipients.append(envelope.rcpt_tos)
            self.encrypted.append(session.ssl is not None)
        return self.to_data

    async def handle_QUIT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return self.to_quit

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: object
    ) -> AuthResult:
        """Take every password, and note it."""
        assert isinstance(given, LoginPassword)
        self.passwords.append(given.password)
        return AuthResult(success=True)


@contextmanager
def serving(
    office: PostOffice,
    port: int,
    *,
    smtps: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
    utf8: bool = True,
) -> Iterator[None]:
    """Serve on loopback until the block ends."""
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=port,
        ssl_context=smtps,
        tls_context=starttls,
        authenticator=office.authenticate if login else None,
        auth_require_tls=False,
        enable_SMTPUTF8=utf8,
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()
