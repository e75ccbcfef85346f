"""Web security: hosts, sizes, and what people and machines are told when it fails."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from core.headers import Dressed, content_policy, keep_out_of_caches
from core.problems import problem, wants_problem
from core.sessions import Sessions

_log = logging.getLogger(__name__)
_BODY_BYTES = 256 * 1024
_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


def set_up(
    app: Flask, *, public_url: str, production: bool, proxy_hops: int, form_targets: tuple[str, ...]
) -> None:
    """Guard the whole application; `form_targets` are the origins that a form may lead to."""
    secure = public_url.startswith("https://")
    app.config.update(
        MAX_CONTENT_LENGTH=_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=_BODY_BYTES,
        SESSION_COOKIE_NAME="__Host-groundswell" if production else "groundswell",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=_hosts(public_url),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a page that lay open stays good for as long as its session
    )
    app.session_interface = Sessions()
    app.ensure_sync = _as_it_is  # type: ignore[assignment, method-assign]  # Flask's own way
    if proxy_hops:
        behind = ProxyFix(app.wsgi_app, x_for=proxy_hops, x_proto=proxy_hops, x_host=proxy_hops)
        app.wsgi_app = behind  # type: ignore[method-assign]  # Flask's own way to wrap it
    CSRFProtect(app)  # asked by the guards that want it
    policy = content_policy(form_targets)
    dressed = Dressed(app.wsgi_app, policy=policy, secure=secure)
    app.wsgi_app = dressed  # type: ignore[method-assign]  # likewise
    app.before_request(_measure_body)
    app.after_request(keep_out_of_caches)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SecurityError, _not_our_name)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(DataError, _senseless)
    app.register_error_handler(DBAPIError, _broken)
    app.register_error_handler(Exception, _broken)


def _as_it_is(view: Callable[..., Any]) -> Callable[..., Any]:
    """Call views and hooks as they are: none is a coroutine, and looking each time takes time."""
    return view


def _hosts(public_url: str) -> list[str]:
    """Our public name, and this machine's own: health checks and Prometheus ask by that."""
    return [urlsplit(public_url).hostname or "", "127.0.0.1", "localhost"]


def _measure_body() -> None:
    """Refuse a body too large that did not say its length (HTTP/1.1, chunked)."""
    if request.environ.get("HTTP_TRANSFER_ENCODING") and len(request.get_data()) >= _BODY_BYTES:
        raise RequestEntityTooLarge


def _refused(error: HTTPException) -> ResponseReturnValue:
    """Say what is wrong with the request, in the words of a page or as a problem."""
    response = _told(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _not_our_name(_error: SecurityError) -> ResponseReturnValue:
    """Refuse a request for another host; under a name that is not ours no page has an address."""
    title, _words_on_the_page = _words(400)
    if wants_problem():
        return problem(400, _CODES[400], title)
    return Response(f"{title}.\n", 400, mimetype="text/plain")


def _unavailable(error: Exception) -> ResponseReturnValue:
    _log.warning(
        "database unavailable", extra={"path": request.path, "error": type(error).__name__}
    )
    response = _told(503)
    response.headers["Retry-After"] = "5"
    return response


def _senseless(_error: Exception) -> ResponseReturnValue:
    """Answer what the database cannot even hold, such as a NUL in a text."""
    return _told(400)


def _broken(_error: Exception) -> ResponseReturnValue:
    _log.exception("request failed", extra={"path": request.path, "method": request.method})
    return _told(500)


def _told(status: int) -> Response:
    title, words = _words(status)
    if wants_problem():
        return problem(status, _CODES.get(status, "error"), title)
    page = render_template("error.html", status=status, title=title, words=words)
    return Response(page, status, mimetype="text/html")


def _words(status: int) -> tuple[str, str]:
    known = {
        400: (_("That request made no sense to us"), _("Please go back and try again.")),
        403: (
            _("That form came from somewhere else"),
            _("For your safety we only take this form from our own page. Please start again."),
        ),
        404: (_("There is no such page"), _("It may have moved, or the link may be incomplete.")),
        405: (_("That is not how this page works"), _("Please go back and use the form on it.")),
        413: (_("That is too long for us"), _("Please shorten it and send it again.")),
        429: (_("That was very quick"), _("Please wait a moment, then try again.")),
        503: (
            _("We are busy just now"),
            _("Nothing was lost and nothing was charged. Please try again in a minute."),
        ),
    }
    return known.get(
        status,
        (
            _("Something went wrong on our side"),
            _("We have been told. If you were paying, look at your e-mail before you try again."),
        ),
    )
