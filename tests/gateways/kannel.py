"""A real Kannel on loopback: bearerbox and smsbox, and the fake network that they bring."""

import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from tests.gateways.programs import await_, listens, program, running
from tests.gateways.serving import SECRET
from tests.ports import free_port

OWN = "447761818206"
APOLOGY = "Sorry, something went wrong. Please try again later."
_LINE = re.compile(r"(\S+) (\S+) (?:udh (?P<udh>\S+) )?(?P<kind>text|data|ucs-2)(?: (?P<body>.*))?")
CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {secret}
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
unified-prefix = "+44,0044,0"
sms-combine-concatenated-mo-timeout = 60
log-file = "{folder}/bearerbox.log"
log-level = 1

group = smsc
smsc = fake
smsc-id = net
port = {network}
connect-allow-ip = "127.0.0.1"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = {own}
mo-recode = true
http-request-retry = 2
http-queue-delay = 1
http-timeout = 10
reply-couldnotfetch = "{apology}"
reply-requestfailed = "{apology}"
log-file = "{folder}/smsbox.log"
log-level = 0

group = sms-service
keyword = default
catch-all = true
post-url = "http://kannel:{secret}@127.0.0.1:{port}/webhooks/sms/kannel?id=%I"
send-sender = true
accept-x-kannel-headers = true
assume-plain-text = true
omit-empty = true
max-messages = 2
concatenation = true
"""


@dataclass
class Network:
    """The fake network: texts are put in, and the replies are read off."""

    wire: socket.socket
    log: Path
    replies: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parts: int = 0
    _rest: bytes = b""
    _begun: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    _reference: int = 0

    def text(self, sender: str, words: str) -> None:
        """Text the line: in 7 bits where ASCII holds it, else in 16."""
        if words.isascii() and words.isprintable():
            self._put(sender, f"text {words}")
        else:
            self._put(sender, f"ucs2 {_percent(words.encode('utf-16-be'))}")

    def data(self, sender: str, body: bytes) -> None:
        """Text the line in 8 bits."""
        self._put(sender, f"data {_percent(body)}")

    def in_parts(self, sender: str, *parts: str) -> None:
        """Text the line in several parts."""
        self._reference += 1
        for number, part in enumerate(parts, 1):
            head = _percent(bytes([5, 0, 3, self._reference, len(parts), number]))
            self._put(sender, f"udh-data {head} {_percent(part.encode())}")

    def reply(self, sender: str) -> str:
        """Return the next reply to this number."""
        return await_("a reply", lambda: self._next(sender))

    def answers(self, sender: str, words: str) -> str:
        self.text(sender, words)
        return self.reply(sender)

    def _put(self, sender: str, rest: str) -> None:
        self.wire.sendall(f"{sender} {OWN} {rest}\n".encode())

    def _next(self, sender: str) -> str | None:
        with suppress(BlockingIOError):
            self._rest += self.wire.recv(65536)
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._take(line.decode())
        return self.replies[sender].pop(0) if self.replies[sender] else None

    def _take(self, line: str) -> None:
        found = _LINE.fullmatch(line)
        assert found, line
        assert found[1] == OWN
        self.parts += 1
        if found["kind"] == "text":
            self.replies[found[2]].append(found["body"] or "")
            return
        body = unquote_to_bytes((found["body"] or "").replace("+", " "))
        if found["udh"] is None:
            self.replies[found[2]].append(body.decode("utf-16-be"))
            return
        begun = self._begun[found[2]]
        begun.append(body)
        if len(begun) == unquote_to_bytes(found["udh"])[4]:
            joined = b"".join(begun)
            # The network does not tell in how many bits; our letters in 16 have a NUL before them.
            self.replies[found[2]].append(joined.decode("utf-16-be" if 0 in joined else "latin-1"))
            begun.clear()


@contextmanager
def kannel(folder: Path, port: int) -> Iterator[Network]:
    """Run both boxes, which hand texts to the service on `port`; give the fake network."""
    bearerbox, smsbox = program("bearerbox"), program("smsbox")
    ports = {name: free_port() for name in ("admin", "boxes", "network", "sendsms")}
    path = folder / "kannel.conf"
    words = CONFIGURATION.format(
        **ports, folder=folder, own=OWN, apology=APOLOGY, secret=SECRET, port=port
    )
    path.write_text(words, encoding="utf-8")
    with ExitStack() as stack:
        stack.enter_context(running([bearerbox, str(path)], folder))
        await_("bearerbox", lambda: listens(ports["boxes"]) and listens(ports["network"]))
        stack.enter_context(running([smsbox, str(path)], folder))
        await_("smsbox", lambda: listens(ports["sendsms"]))
        wire = stack.enter_context(socket.create_connection(("127.0.0.1", ports["network"])))
        wire.settimeout(0)
        yield Network(wire, folder / "smsbox.log")


def _percent(body: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in body)
