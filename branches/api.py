"""The JSON API of this room."""

import json
import math

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from branches.answers import Answer, UnknownPostcode
from branches.locating import Locating
from branches.locator import IndexMissing, Patience
from branches.postcodes import NotAPostcode, Reason
from branches.room import EXTENSION, Room, room, today
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
from branches.writing import Writer, Writers
from core.database import current, reading
from core.guards import anyone, guard
from core.openapi import Operation, Parameter, Problem
from core.problems import problem
from core.words import spoken

bp = guard(Blueprint("branches_api", __name__, url_prefix="/api/v1"), anyone)
# The usual ways to write one. Other separators, full-width letters and slips are understood too.
_SPELLED = (
    r"^ ?(?:[A-Za-z]{1,2}[0-9][A-Za-z0-9]?|[Nn][Pp][Tt])(?:[ .-]?[0-9](?:[A-Za-z]{2})?)? ?$"
    r"|^ ?[Gg][Ii][Rr] ?0[Aa]{2} ?$"
)
_LISTS = "public, max-age=300"
_WRITERS = "branches_writers"

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


@bp.record
def _remember_writers(state: BlueprintSetupState) -> None:
    """Keep what answers are written with, for as long as the application lives."""
    of: Room = state.app.extensions[EXTENSION]
    state.app.extensions[_WRITERS] = Writers(of.presenter)


@bp.get("/nearest")
def nearest() -> ResponseReturnValue:
    """Say which branch answers for one postcode."""
    here, query = room(), request.args.get("postcode", "")
    locating = here.locator.now(current(), today=today())
    found = _answered(here, locating, query)
    if isinstance(found, Answer):
        return _json(_writer(locating.directory).nearest(found, query), "no-store")
    return _as_problem(found)


@bp.post("/nearest")
def nearest_of_many() -> ResponseReturnValue:
    """Say which branch answers for each of many postcodes."""
    queries = _queries(request.get_data())
    if isinstance(queries, Response):
        return queries
    results = _results(queries) if queries else []
    return _json(f'{{"results": [{", ".join(results)}]}}', "no-store")


@bp.get("/regions")
def regions() -> ResponseReturnValue:
    """List the regions."""
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    return _json(json.dumps(room().presenter.regions(directory)), _LISTS)


@bp.get("/branches")
def branches() -> ResponseReturnValue:
    """List the open branches."""
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    return _json(json.dumps(room().presenter.branches(directory)), _LISTS)


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
    here = room()
    found = _answered(here, here.locator.locating(directory), query, patience)
    return here.presenter.nearest(found, query) if isinstance(found, Answer) else found


def _answered(
    here: Room, locating: Locating, query: str, patience: Patience | None = None
) -> Answer | NotFound:
    """Answer for what was typed, or give the code that says why there is no answer."""
    try:
        return here.locator.answer_by(locating, query, patience)
    except NotAPostcode as fault:
        missing = fault.reason == Reason.MISSING
        return NotFound(query=query, code="missing_postcode" if missing else "not_a_postcode")
    except UnknownPostcode as unknown:
        district = unknown.district
        return NotFound(
            query=query,
            code="unknown_postcode",
            district=here.presenter.nearest(district, query) if district else None,
        )


def _results(queries: list[object]) -> list[str]:
    """Write the result for each of many queries."""
    here, patience = room(), Patience()
    locating = here.locator.now(current(), today=today())
    write = _writer(locating.directory).nearest
    results = []
    for query in queries:
        if not isinstance(query, str):
            results.append(json.dumps(NotFound(query=query, code="not_a_postcode")))
            continue
        found = locating.plainly(query) or _answered(here, locating, query, patience)
        results.append(write(found, query) if isinstance(found, Answer) else json.dumps(found))
    return results


def _writer(directory: Directory) -> Writer:
    writers: Writers = current_app.extensions[_WRITERS]
    return writers.writer(directory, spoken().language)


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


def _json(text: str, caching: str) -> Response:
    # Flask's own jsonify would sort the members; here they stand in the contract's order.
    return Response(text, headers={"Cache-Control": caching}, content_type="application/json")
