"""Caching, or rather none: every page of this room is between us and one person."""

from flask import Response


def keep_nothing(response: Response) -> Response:
    """Keep a page out of every cache: it carries tokens, or what somebody typed or pays."""
    response.headers["Cache-Control"] = "no-store"
    return response
