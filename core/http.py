"""Outgoing HTTP: one way to call the outside, with nothing surprising in it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from queue import Empty, SimpleQueue

import requests

_CONNECT_SECONDS, _READ_SECONDS = 1.0, 2.0
_INSTANT = 0.001
_PIECE = 8192
# Calls at once, those among them that nobody waits for any more.
_calls = threading.BoundedSemaphore(16)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status: the media type without its parameters, and the body."""

    status: int
    media_type: str
    body: bytes


class NotFetched(Exception):
    """There was no usable answer; `kind` says why. Neither it nor its words name the address."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"nothing was fetched: {kind}")
        self.kind = kind


def outgoing() -> requests.Session:
    """Return a session that follows no redirect, and reads no proxy or password from around it."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["User-Agent"] = "Groundswell"
    return session


def outgoing_without_cookies() -> requests.Session:
    """Return such a session that keeps no cookies either, for asking many things of one place."""
    session = outgoing()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def fetch(session: requests.Session, url: str, *, seconds: float, most: int) -> Fetched:
    """Get an address within so many seconds in all, and at most so many bytes of body.

    A time-out of `requests` is one for each read, which a trickle of bytes puts off for ever. So
    the call runs beside its caller, who waits as long as was said and no longer; what comes later
    is thrown away. Redirects are answers like others, and nothing is unpacked.

    Raises:
        NotFetched: `connect`, `timeout`, `broken`, `too long`, or `busy` with others' calls.
    """
    until = time.monotonic() + seconds
    told: SimpleQueue[Fetched | NotFetched] = SimpleQueue()
    if not _calls.acquire(blocking=False):
        raise NotFetched("busy")

    def call() -> None:
        try:
            told.put(_get(session, url, until, most))
        except NotFetched as fault:
            told.put(fault)
        finally:
            _calls.release()

    threading.Thread(target=call, name="fetch", daemon=True).start()
    try:
        found = told.get(timeout=seconds)
    except Empty:
        raise NotFetched("timeout") from None
    if isinstance(found, NotFetched):
        raise found
    return found


def _get(session: requests.Session, url: str, until: float, most: int) -> Fetched:
    left = max(until - time.monotonic(), _INSTANT)
    try:
        with session.get(
            url,
            timeout=(min(_CONNECT_SECONDS, left), min(_READ_SECONDS, left)),
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        ) as response:
            body = _body(response.raw.read1, until, most)
            media_type = response.headers.get("Content-Type", "").partition(";")[0]
            return Fetched(response.status_code, media_type.strip().lower(), body)
    except NotFetched:
        raise
    except requests.Timeout:
        raise NotFetched("timeout") from None
    except requests.ConnectionError:
        raise NotFetched("connect") from None
    except Exception:  # noqa: BLE001 -- whatever it is, the caller waits for a word
        raise NotFetched("broken") from None


def _body(read: Callable[[int], bytes], until: float, most: int) -> bytes:
    """Read a body piece by piece, each as soon as it is there."""
    body = b""
    while piece := read(_PIECE):
        body += piece
        if len(body) > most:
            raise NotFetched("too long")
        if time.monotonic() > until:
            raise NotFetched("timeout")
    return body
