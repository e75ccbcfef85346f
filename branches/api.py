"""The JSON API of this room."""

import json
import math
from collections.abc import Mapping

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from branches.answers import UnknownPostcode
from branches.locator import IndexMissing, Patience
from branches.postcodes import NotAPostcode, Reason
from branches.room import room, today
from branches.shapes import (
    MOST_POSTCODES,
    Branches,
    ManyNearest,
    ManyPostcodes,
    Nearest,
    NotFound,
    Regions,
    UnknownPostcodeProblem,
)
from branches.snapshot import Directory
from core.database import reading
from core.guards import anyone, guard
from core.openapi import Operation, Parameter, Problem
from core.problems import problem

bp = guard(Blueprint("branches_api", __name__, url_prefix="/api/v1"), anyone)
# The usual ways to write one. Other separators, full-width letters and slips are understood too.
_SPELLED = (
    r"^ ?(?:[A-Za-z]{1,2}[0-9][A-Za-z0-9]?|[Nn][Pp][Tt])(?:[ .-]?[0-9](?:[A-Za-z]{2})?)? ?$"
    r"|^ ?[Gg][Ii][Rr] ?0[Aa]{2} ?$"
)
_LISTS = "public, max-age=300"

PATHS = (
    Operation(
        "get",
        "/api/v1/nearest",
        "The branch that answers for a postcode, a sector or an outcode",
        {200: Nearest, 400: Problem, 404: UnknownPostcodeProblem, 429: Problem, 503: Problem},
        parameters=[
            Parameter(
                "postcode",
                "In any spelling: a postcode, sector or outcode",
                example="e111aa",
                pattern=_SPELLED,
            )
        ],
    ),
    Operation(
        "post",
        "/api/v1/nearest",
        "The same for up to a hundred at once, answered in their order",
        {200: ManyNearest, 400: Problem, 413: Problem, 429: Problem, 503: Problem},
        request=ManyPostcodes,
    ),
    Operation("get", "/api/v1/regions", "All regions", {200: Regions, 429: Problem}),
    Operation("get", "/api/v1/branches", "All open branches", {200: Branches, 429: Problem}),
)


@bp.get("/nearest")
def nearest() -> ResponseReturnValue:
    """Say which branch answers for one postcode."""
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    found = found_for(directory, request.args.get("postcode", ""))
    return _as_problem(found) if "code" in found else _answer(found, "no-store")


@bp.post("/nearest")
def nearest_of_many() -> ResponseReturnValue:
    """Say which branch answers for each of many postcodes."""
    queries = _queries(request.get_data())
    if isinstance(queries, Response):
        return queries
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    patience = Patience()
    results = [found_for(directory, query, patience) for query in queries]
    return _answer(ManyNearest(results=results), "no-store")


@bp.get("/regions")
def regions() -> ResponseReturnValue:
    """List the regions."""
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    return _answer(room().presenter.regions(directory), _LISTS)


@bp.get("/branches")
def branches() -> ResponseReturnValue:
    """List the open branches."""
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    return _answer(room().presenter.branches(directory), _LISTS)


@bp.errorhandler(IndexMissing)
def without_index(_missing: IndexMissing) -> ResponseReturnValue:
    """Say that postcodes cannot be looked up just now."""
    return problem(503, "index_missing", _("Postcodes cannot be looked up just now."))


def found_for(
    directory: Directory, query: object, patience: Patience | None = None
) -> Nearest | NotFound:
    """Give the API's object for a query, or the code that says why there is none.

    This may call out for a postcode that the index lacks: never within a transaction.

    Raises:
        IndexMissing: when no index is built.
    """
    if not isinstance(query, str):
        return NotFound(query=query, code="not_a_postcode")
    presenter = room().presenter
    try:
        answer = room().locator.answer(directory, query, patience)
    except NotAPostcode as fault:
        missing = fault.reason == Reason.MISSING
        return NotFound(query=query, code="missing_postcode" if missing else "not_a_postcode")
    except UnknownPostcode as unknown:
        district = unknown.district
        return NotFound(
            query=query,
            code="unknown_postcode",
            district=presenter.nearest(district, query) if district else None,
        )
    return presenter.nearest(answer, query)


def _as_problem(found: NotFound) -> Response:
    if found["code"] == "missing_postcode":
        return problem(400, "missing_postcode", _("Give a postcode: ?postcode=E11+1AA"))
    if found["code"] == "not_a_postcode":
        return problem(400, "not_a_postcode", _("That is not a postcode, sector or outcode."))
    words = _("That postcode is well formed, but we do not know it.")
    return problem(404, "unknown_postcode", words, district=found["district"])


def _queries(body: bytes) -> list[object] | Response:
    """Read the postcodes of a bulk request, or say what is wrong with it."""
    try:
        found = json.loads(body, parse_constant=_number, parse_float=_number)
    except (ValueError, RecursionError):
        return problem(400, "malformed", _("The body is not JSON."))
    queries = found.get("postcodes") if isinstance(found, dict) else None
    if not isinstance(queries, list):
        return problem(400, "malformed", _('The body must be {"postcodes": […]}.'))
    if len(queries) > MOST_POSTCODES:
        words = _("At most %(most)d postcodes at once.", most=MOST_POSTCODES)
        return problem(400, "too_many_postcodes", words)
    return queries


def _number(text: str) -> float:
    """Read a number; NaN and what is beyond a float are not JSON that we could echo (RFC 8259)."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not a number")
    return value


def _answer(found: Mapping[str, object], caching: str) -> Response:
    # Flask's own jsonify would sort the members; here they stand in the contract's order.
    response = Response(json.dumps(found), mimetype="application/json")
    response.headers["Cache-Control"] = caching
    return response
