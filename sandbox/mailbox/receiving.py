"""The SMTP server."""

import asyncio
import socket
from collections.abc import Awaitable

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mailbox.letters import keep
from sandbox.world import World


class Postbox:
    """What aiosmtpd hands each letter to."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the letter, and only then say so."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        keep(self._world, envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        return "250 Message accepted for delivery"


class MailServer(Controller):
    """Serves on a socket that is listening already, so that its port is known beforehand."""

    def __init__(self, world: World, listening: socket.socket) -> None:
        self._listening = listening
        host, port = listening.getsockname()
        super().__init__(Postbox(world), hostname=host, port=port)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
