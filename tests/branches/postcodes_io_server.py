"""A stand-in for postcodes.io on loopback, which answers as it is told to, faults and all."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/json; charset=utf-8"


@dataclass
class Answer:
    """What is said to one request: `trickle` sends a byte at a time, `hold` says nothing at all."""

    status: int = 200
    body: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    trickle: bool = False
    hold: bool = False
    hang_up: bool = False


@dataclass
class Service:
    """The stand-in: what it says next, and what it was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    """Said in turn; the last again and again."""
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def says(self, *answers: Answer) -> None:
        self.answers[:] = answers

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def found(postcode: str, **but: object) -> Answer:
    """What postcodes.io says of a postcode in use, of the members that count."""
    result = {
        "postcode": postcode,
        "country": "England",
        "region": "London",
        "latitude": 51.56,
        "longitude": 0.0,
        "admin_district": "Waltham Forest",
        "codes": {"admin_district": "E09000031"},
        **but,
    }
    return Answer(body=json.dumps({"status": 200, "result": result}).encode())


def missing(words: str = "Postcode not found", **more: object) -> Answer:
    """What it says of one that it has not."""
    return Answer(404, json.dumps({"status": 404, "error": words, **more}).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        service = self.server.service
        service.paths.append(self.path)
        service.headers.append(dict(self.headers))
        said = service.next()
        if said.hold:
            service.over.wait(10)
        if said.hold or said.hang_up:
            self.close_connection = True
            return
        self.send_response(said.status)
        length = {"Content-Type": said.media_type, "Content-Length": str(len(said.body))}
        for name, value in (length | said.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self._send(said)

    def _send(self, said: Answer) -> None:
        pieces = [bytes([each]) for each in said.body] if said.trickle else [said.body]
        try:
            for piece in pieces:
                self.wfile.write(piece)
                if said.trickle and self.server.service.over.wait(0.05):
                    return
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def serve() -> Iterator[Service]:
    """Serve on a free port of loopback."""
    service = Service()
    with _Server(service) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.over.set()
            server.shutdown()
            thread.join()
