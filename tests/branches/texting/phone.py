"""A stand-in for the API of SMS Gateway for Android, on loopback: takes texts and remembers them.

As the phone does, it refuses an id that it has (409), an expired text and one without words (400),
and who has no password (401).
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USER, PASSWORD = "sms", "a phone's password"


@dataclass
class Phone:
    """What the phone was asked to send. `status` makes it answer that; `deaf` loses the answer."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    status: int | None = None
    deaf: bool = False

    def forget(self) -> None:
        self.sent, self.asked, self.status, self.deaf = [], 0, None, False

    def texts(self) -> list[str]:
        return [message["textMessage"]["text"] for message in self.sent]

    def take(self, path: str, authorization: str | None, message: dict[str, Any]) -> int:
        """Answer as the phone would; return the status."""
        self.asked += 1
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if path != "/messages":
            return 404
        if authorization != f"Basic {basic}":
            return 401
        if self.status is not None:
            return self.status
        if not message["textMessage"]["text"] or message["ttl"] < 1 or not message["phoneNumbers"]:
            return 400
        if message["id"] in {each["id"] for each in self.sent}:
            return 409
        self.sent.append(message)
        return 202


@contextmanager
def ringing() -> Iterator[Phone]:
    """Serve a phone's API while the block runs."""
    phone = Phone()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = phone.take(self.path, self.headers["Authorization"], message)
            self.close_connection = True
            if phone.deaf:
                return
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    phone.url = f"http://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield phone
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
