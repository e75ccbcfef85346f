"""The service as gateways reach it: real HTTP, which can be down, or lose its answer."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from branches.models import InboundText
from branches.room import EXTENSION, Room
from branches.texting.answering import Read
from core.database import Database
from sandbox.serving import Silent
from tests.branches.factories import TODAY

SECRET = "the-gateways-own-secret"


@dataclass
class Service:
    """The application on a port. `losing` makes it do its work and then lose so many answers."""

    app: Flask
    database: Database
    port: int
    losing: int = 0
    ids: list[str] = field(default_factory=list)
    _server: BaseWSGIServer | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._server = make_server(
            "127.0.0.1", self.port, self._answer, threaded=True, request_handler=Silent
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 -- WSGI's own types
        self.ids.append(Request(environ).args.get("id", ""))
        answer = Response.from_app(self.app.wsgi_app, environ)
        if self.losing:
            self.losing -= 1
            answer = Response("lost", 502)
        return answer(environ, start)

    def read(self, text: str) -> Read:
        """Read a text as the service does, without storing it."""
        room: Room = self.app.extensions[EXTENSION]
        with self.app.app_context(), self.database.reading() as session:
            return room.text_line.read(session, text, today=TODAY)

    def stored(self) -> list[InboundText]:
        with self.database.reading() as session:
            return list(session.scalars(select(InboundText).order_by(InboundText.id)))

    def stored_of(self, sender: str) -> list[InboundText]:
        return [row for row in self.stored() if row.sender == sender]
