"""Web security: headers, hosts, sizes, and what people and machines are told when it fails."""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from core.problems import problem, wants_problem

_log = logging.getLogger(__name__)
_BODY_BYTES = 256 * 1024
_TWO_YEARS = 2 * 365 * 24 * 3600
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
    )
    if proxy_hops:
        behind = ProxyFix(app.wsgi_app, x_for=proxy_hops, x_proto=proxy_hops, x_host=proxy_hops)
        app.wsgi_app = behind  # type: ignore[method-assign]  # Flask's own way to wrap it
    CSRFProtect(app)  # asked by the guards that want it
    policy = _content_policy(form_targets)
    app.before_request(_measure_body)

    @app.after_request
    def add_headers(response: Response) -> Response:
        _add_headers(response, policy, secure=secure)
        return response

    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SecurityError, _not_our_name)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(DataError, _senseless)
    app.register_error_handler(DBAPIError, _broken)
    app.register_error_handler(Exception, _broken)


def _hosts(public_url: str) -> list[str]:
    """Our public name, and this machine's own: health checks and Prometheus ask by that."""
    return [urlsplit(public_url).hostname or "", "127.0.0.1", "localhost"]


def _content_policy(form_targets: tuple[str, ...]) -> str:
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


def _add_headers(response: Response, policy: str, *, secure: bool) -> None:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    open_to_all = request.path.startswith("/api/")
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if open_to_all else "same-origin"
    if open_to_all and request.method in ("GET", "HEAD"):
        headers["Access-Control-Allow-Origin"] = "*"
    if secure:
        headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS}; includeSubDomains"
    if response.status_code not in (429, 503):
        headers.pop("Retry-After", None)
    elif headers.get("Retry-After") == "0":
        headers["Retry-After"] = "1"
    if "postcode" in request.args:
        headers["Cache-Control"] = "no-store"
    if request.method == "POST" or response.status_code >= 400:  # noqa: PLR2004 -- errors
        headers.setdefault("Cache-Control", "no-store")


def _measure_body() -> None:
    """Refuse a body too large that did not say its length (HTTP/1.1, chunked)."""
    if request.headers.get("Transfer-Encoding") and len(request.get_data()) >= _BODY_BYTES:
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
