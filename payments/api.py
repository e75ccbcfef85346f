"""The API of money: appeals and how they stand."""

import json

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from core import clock
from core.database import reading
from core.guards import anyone, guard
from core.openapi import Operation, Parameter, Problem
from core.problems import problem
from payments import appeals
from payments.shapes import AppealShape, AppealsShape

bp = guard(Blueprint("payments_api", __name__, url_prefix="/api/v1"), anyone)
OPERATIONS = (
    Operation(
        "get",
        "/api/v1/appeals",
        "The appeals that are open today.",
        {200: AppealsShape, 429: Problem},
    ),
    Operation(
        "get",
        "/api/v1/appeals/{slug}",
        "One appeal, open or not.",
        {200: AppealShape, 404: Problem, 429: Problem},
        [Parameter("slug", "The appeal's name in addresses.", "path", example="fighting-fund")],
    ),
)


@bp.get("/appeals")
def every() -> ResponseReturnValue:
    """Answer with the appeals that are open today."""
    with reading() as session:
        running = appeals.open_on(session, clock.day_in_london(clock.now()))
    return _answer(AppealsShape(appeals=[_shape(standing) for standing in running]))


@bp.get("/appeals/<slug>")
def one(slug: str) -> ResponseReturnValue:
    """Answer with one appeal."""
    with reading() as session:
        try:
            standing = appeals.standing(session, appeals.find(session, slug))
        except appeals.NoSuchAppeal:
            return problem(404, "unknown_appeal", "There is no appeal of this name.")
    return _answer(_shape(standing))


def _shape(standing: appeals.Standing) -> AppealShape:
    return AppealShape(
        slug=standing.slug,
        title=standing.title,
        currency="GBP",
        target_pence=standing.target_pence,
        raised_pence=standing.raised_pence,
        donors=standing.donors,
        starts=standing.starts.isoformat(),
        ends=standing.ends.isoformat() if standing.ends else None,
    )


def _answer(body: AppealShape | AppealsShape) -> Response:
    response = Response(json.dumps(body), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=15"
    return response
