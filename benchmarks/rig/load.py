"""Somebody who asks as quickly as the answers come, in a process of its own.

It keeps some connections open and has one question under way on each. Questions are bytes made
before, and of an answer no more is read than its status and its length, so that asking takes a
tenth of what answering does; `Asked.busy` says what it took.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from config import ROOT

_CHUNK = 1 << 18
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it."""

    answers: int
    odd: int
    """Answers with another status than 200, and connections closed before they were whole."""
    seconds: float
    busy: float
    """The part of its time that the asking process was at work: near 1, it held the server up."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def ask(
    port: int, questions: Sequence[bytes], *, seconds: float = 1.0, connections: int = 8
) -> Asked:
    """Ask a server on this machine for so long, in another process."""
    wish = {
        "port": port,
        "questions": [question.decode() for question in questions],
        "seconds": seconds,
        "connections": connections,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.rig.load"],
        cwd=ROOT,
        input=json.dumps(wish),
        capture_output=True,
        text=True,
        check=True,
    )
    return Asked(**json.loads(done.stdout))


class _Line:
    """One connection, and how much of its answer has come."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.came = b""

    def is_whole(self) -> bool:
        """Tell whether the answer is there from end to end."""
        end = self.came.find(_END)
        if end < 0:
            return False
        head = self.came[:end].lower()
        at = head.find(_LENGTH) + len(_LENGTH)
        return len(self.came) >= end + len(_END) + int(head[at:].split(b"\r\n", 1)[0])


def _load(port: int, questions: Sequence[bytes], seconds: float, connections: int) -> Asked:
    """Ask from this process."""
    chosen, asked, answers, odd = selectors.DefaultSelector(), 0, 0, 0
    for _ in range(connections):
        line = _Line(port)
        chosen.register(line.socket, selectors.EVENT_READ, line)
        line.socket.sendall(questions[asked % len(questions)])
        asked += 1
    began, busy = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        for key, _events in chosen.select(1):
            line = key.data
            came = line.socket.recv(_CHUNK)
            line.came += came
            if came and not line.is_whole():
                continue
            if came or line.came:  # else it was closed between two answers, as servers may
                odd += not (came and line.came.startswith(b"HTTP/1.1 200 "))
            answers += bool(came)
            if not came:
                chosen.unregister(line.socket)
                line.socket.close()
                line = _Line(port)
                chosen.register(line.socket, selectors.EVENT_READ, line)
            line.came = b""
            line.socket.sendall(questions[asked % len(questions)])
            asked += 1
    took = time.perf_counter() - began
    for key in list(chosen.get_map().values()):
        key.data.socket.close()
    return Asked(answers, odd, took, (time.process_time() - busy) / took)


def _main() -> None:
    wish = json.load(sys.stdin)
    questions = [question.encode() for question in wish["questions"]]
    asked = _load(wish["port"], questions, wish["seconds"], wish["connections"])
    found = {name: getattr(asked, name) for name in Asked.__slots__}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main()
