"""A service that remembers what the sandbox sends it."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass
class Listener:
    """`statuses` are answered to the next webhooks, then 200 for ever."""

    url: str = ""
    statuses: deque[int] = field(default_factory=deque)
    webhooks: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    texts: list[tuple[Any, Any]] = field(default_factory=list)
    reply: object = "Thank you."
    text_status: int = 200
    text_page: str = ""

    def take_webhook(self) -> ResponseReturnValue:
        self.webhooks.append((dict(request.headers), request.get_data()))
        status = self.statuses.popleft() if self.statuses else 200
        return "", status, {"Location": "/elsewhere"} if status // 100 == 3 else {}

    def take_text(self) -> ResponseReturnValue:
        self.texts.append((request.authorization, request.get_json()))
        return self.text_page or {"reply": self.reply}, self.text_status


class Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    app = Flask(__name__)
    app.add_url_rule("/webhooks/stripe", view_func=listener.take_webhook, methods=["POST"])
    app.add_url_rule("/webhooks/sms/generic", view_func=listener.take_text, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    listener.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
