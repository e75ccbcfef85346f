"""The headers of every answer: what browsers are told to keep to, and what no cache may keep.

Those that are the same on every answer are put on outside of Flask, as one list: the most frequent
answers are small, and nine headers set one by one would take longer than finding a branch.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TWO_YEARS = 2 * 365 * 24 * 3600
_POLICY = "Content-Security-Policy"
_FIRST_ERROR = 400
_BESIDES = "groundswell.headers"


def content_policy(form_targets: tuple[str, ...]) -> str:
    """Chrome holds every hop of a form's redirects against `form-action` (CSP 3, 6.4.1)."""
    return "; ".join(
        [
            "default-src 'none'",
            *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
            "base-uri 'none'",
            "frame-ancestors 'none'",
            " ".join(["form-action 'self'", *form_targets]),
        ]
    )


class Dressed:
    """A WSGI application whose every answer wears our headers.

    `policy` is the content policy of answers that have none of their own; `secure` says that we are
    reached by https alone.
    """

    def __init__(self, app: "WSGIApplication", *, policy: str, secure: bool) -> None:
        self._app = app
        self._policy = (_POLICY, policy)
        ours = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Embedder-Policy", "require-corp"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ]
        if secure:
            hsts = f"max-age={_TWO_YEARS}; includeSubDomains"
            ours.append(("Strict-Transport-Security", hsts))
        self._pages = [*ours, ("Cross-Origin-Resource-Policy", "same-origin")]
        self._api = [*ours, ("Cross-Origin-Resource-Policy", "cross-origin")]
        self._api_read = [*self._api, ("Access-Control-Allow-Origin", "*")]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer as the application does, and add the headers."""
        ours = self._ours(environ)

        def start(
            status: str, headers: list[tuple[str, str]], fault: "OptExcInfo | None" = None, /
        ) -> "Callable[[bytes], object]":
            policy = () if any(name == _POLICY for name, _ in headers) else (self._policy,)
            besides = environ.get(_BESIDES, ())
            return start_response(status, [*headers, *ours, *policy, *besides], fault)

        return self._app(environ, start)

    def _ours(self, environ: "WSGIEnvironment") -> list[tuple[str, str]]:
        """Give what fits what was asked: the API is open to other sites, for reading."""
        path: str = environ.get("PATH_INFO", "")
        if not path.lstrip("/").startswith("api/"):
            return self._pages
        return self._api_read if environ["REQUEST_METHOD"] in ("GET", "HEAD") else self._api


def add(environ: "WSGIEnvironment", headers: Sequence[tuple[str, str]]) -> None:
    """Put headers on the answer to this request, whatever it will be: our own words, no one's."""
    environ[_BESIDES] = (*environ.get(_BESIDES, ()), *headers)


def keep_out_of_caches(response: Response) -> Response:
    """See to it that no cache keeps a postcode, an error, or what a form brought about."""
    headers = response.headers
    if headers.get("Cache-Control") == "no-store":
        return response
    if "postcode" in request.args:
        headers["Cache-Control"] = "no-store"
    elif request.method == "POST" or response.status_code >= _FIRST_ERROR:
        headers.setdefault("Cache-Control", "no-store")
    return response
