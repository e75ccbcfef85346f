"""Metrics for Prometheus: how much is asked of us, how it went, and what waits to be done."""

import hmac
import ipaddress
from functools import cache

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest

from core.guards import anyone, guard

# Whatever else a request calls its method is counted as one, so that nobody can fill the memory.
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

bp = guard(Blueprint("metrics", __name__), anyone)


def set_up(app: Flask, token: str) -> None:
    """Count every answer by endpoint and status, and serve the counts at `/metrics`.

    They are for loopback, or for who brings the token; to others there is no such page.
    """
    registry = CollectorRegistry()
    answers = Counter(
        "groundswell_http_responses",
        "Answers by endpoint, method and status.",
        ["endpoint", "method", "status"],
        registry=registry,
    )
    app.extensions["metrics"] = (registry, token)

    @cache  # endpoints, methods and statuses are few: nobody can fill the memory with them
    def counter(endpoint: str | None, method: str, status: int) -> Counter:
        return answers.labels(endpoint or "none", method, status)

    @app.after_request
    def count(response: Response) -> Response:
        asked = request_ctx.request
        method = asked.method if asked.method in _METHODS else "other"
        counter(asked.endpoint, method, response.status_code).inc()
        return response

    app.register_blueprint(bp)


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Answer with the counts of this process."""
    registry, token = current_app.extensions["metrics"]
    if not (_with(token) or _from_loopback()):
        abort(404)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _with(token: str) -> bool:
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _from_loopback() -> bool:
    """Whether the caller sits on this machine, and is no proxy speaking for somebody else."""
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return local and "X-Forwarded-For" not in request.headers
