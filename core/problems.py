"""Problems: how the JSON API says that something is wrong (RFC 9457)."""

import json

from flask import Response, request


def problem(status: int, code: str, detail: str, **members: object) -> Response:
    """Answer with a problem. `code` is stable and for machines, `detail` for people."""
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail, **members}
    response = Response(json.dumps(body), status, mimetype="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_problem() -> bool:
    """Whether the one who asks is a machine: the API, a gateway, or a client that asks for JSON."""
    return request.path.startswith(("/api/", "/webhooks/"))
