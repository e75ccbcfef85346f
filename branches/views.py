"""The public pages of this room: find your branch, a region, a branch."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from branches.api import found_for
from branches.locator import IndexMissing
from branches.models import Branch, Region
from branches.room import room, today
from branches.shapes import Nearest
from branches.snapshot import Directory
from core.database import reading
from core.guards import anyone, guard

bp = guard(Blueprint("branches", __name__), anyone)
_LONGEST_QUERY = 200
_SHORT = "public, max-age=300"
_STATUS = {"missing_postcode": 422, "not_a_postcode": 422, "unknown_postcode": 404}


@bp.get("/branches")
def find() -> ResponseReturnValue:
    """Find the branch for a postcode; without one, the whole directory by region."""
    query = request.args.get("postcode")
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    found = None if query is None else found_for(directory, query[:_LONGEST_QUERY])
    regions = [
        {"slug": region.slug, "name": region.name, "branches": directory.branches_of(region)}
        for region in directory.regions
    ]
    told = _told(found, directory)
    page = render_template("branches/find.html", query=query, regions=regions, **told)
    status = _STATUS.get(told["problem"] or "", 200)
    return _page(page, status, "no-store" if query is not None else _SHORT)


@bp.get("/branches/<slug>")
def branch(slug: str) -> ResponseReturnValue:
    """Show a branch; one that has closed says so, and is gone (410) to machines."""
    with reading() as session:
        row = session.scalar(
            select(Branch).where(Branch.slug == slug).options(joinedload(Branch.region))
        )
        directory = room().locator.directory(session, today=today())
    if row is None:
        abort(404)
    still_open = row.is_open(today())
    if not still_open and not (row.closed and row.closed <= today()):
        abort(404)  # it is announced, and not there yet
    page = render_template(
        "branches/branch.html",
        branch=_details(row, closed=None if still_open else row.closed),
        region=row.region,
        contact=_contact(directory, row.region),
    )
    return _page(page, 200 if still_open else 410, _SHORT)


@bp.get("/regions/<slug>")
def region(slug: str) -> ResponseReturnValue:
    """Show a region, its organiser and its open branches; a closed one is gone (410)."""
    with reading() as session:
        row = session.scalar(select(Region).where(Region.slug == slug))
        directory = room().locator.directory(session, today=today())
    if row is None:
        abort(404)
    page = render_template(
        "branches/region.html",
        region=row,
        contact=_contact(directory, row),
        branches=directory.branches.get(row.id, ()),
    )
    return _page(page, 410 if row.closed_on else 200, _SHORT)


@bp.errorhandler(IndexMissing)
def without_index(_missing: IndexMissing) -> ResponseReturnValue:
    """Say that postcodes cannot be looked up just now, and give the office's number."""
    page = render_template(
        "error.html",
        status=503,
        title=_("We cannot look up postcodes just now"),
        words=_("Please try again in a while, or ring us and we tell you your branch."),
    )
    return _page(page, 503, "no-store")


def _told(found: Mapping[str, Any] | None, directory: Directory) -> dict[str, Any]:
    """Sort what was found into what the page shows: an answer, a problem, a district's answer."""
    problem: str | None = found.get("code") if found else None
    answer = None if problem else found
    district = found.get("district") if found and problem else None
    return {
        "answer": _with_details(answer, directory),
        "problem": problem,
        "district": _with_details(district, directory),
    }


def _with_details(
    answer: Nearest | Mapping[str, Any] | None, directory: Directory
) -> dict[str, Any] | None:
    if answer is None:
        return None
    found = answer["branch"]
    slug = found["slug"] if found else None
    branches = (each for each in directory.all_branches() if each.slug == slug)
    return {**answer, "branch_details": next(branches, None)}


def _details(row: Branch, *, closed: object) -> dict[str, Any]:
    shown = ("slug", "name", "postcode", "place", "meets", "email", "phone", "opened", "sample")
    return {**{name: getattr(row, name) for name in shown}, "closed": closed}


def _contact(directory: Directory, row: Region) -> Mapping[str, Any]:
    """Give the organiser's line, or the national office's where the region is closed."""
    found = (each for each in directory.regions if each.id == row.id)
    return room().presenter.contact(next(found, None))


def _page(page: str, status: int, caching: str) -> Response:
    response = Response(page, status, mimetype="text/html")
    response.headers["Cache-Control"] = caching
    return response
