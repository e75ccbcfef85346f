"""The public pages of this room: find your branch, a region, a branch."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from branches import calendars, finding, leaflets, links, listing, meetings
from branches.locator import IndexMissing
from branches.models import Branch, Region
from branches.room import room, today
from branches.snapshot import Directory
from core.database import reading
from core.guards import anyone, guard

bp = guard(Blueprint("branches", __name__), anyone)
_LONGEST_QUERY = 200
_SHORT = "public, max-age=300"
_HOURS = "public, max-age=14400"
_STATUS = {"missing_postcode": 422, "not_a_postcode": 422, "unknown_postcode": 404}


@bp.get("/branches")
def find() -> ResponseReturnValue:
    """Find the branch for a postcode; without one, the whole directory by region or name."""
    query = request.args.get("postcode")
    by_name = request.args.get("by") == "name"
    with reading() as session:
        directory = room().locator.directory(session, today=today())
    found = finding.Finding()
    if query is not None:
        found = finding.find(room().locator, directory, query[:_LONGEST_QUERY])
    parts = (listing.by_name if by_name else listing.by_region)(directory)
    page = render_template(
        "branches/find.html", query=query, found=found, by_name=by_name, parts=parts
    )
    status = _STATUS.get(found.problem or "", 200)
    return _page(page, status, "no-store" if query is not None else _SHORT)


@bp.get("/branches/<slug>")
def branch(slug: str) -> ResponseReturnValue:
    """Show a branch; one that has closed says so, and is gone (410) to machines."""
    row, directory = _known(slug)
    still_open = row.is_open(today())
    page = render_template(
        "branches/branch.html",
        branch=_details(row, closed=None if still_open else row.closed),
        region=row.region,
        contact=_contact(directory, row.region),
        meetings=meetings.read(row.meets),
        names_a_day=meetings.names_a_day(row.meets),
        map=links.map_of(row.lat, row.lon),
    )
    return _page(page, 200 if still_open else 410, _SHORT)


@bp.get("/branches/<slug>/meetings.ics")
def calendar(slug: str) -> ResponseReturnValue:
    """Give a branch's meetings as a calendar to subscribe to; a closed one has none (410)."""
    row, directory = _known(slug)
    if not row.is_open(today()):
        gone = Response(_("This branch has closed."), 410, mimetype="text/plain")
        gone.headers["Cache-Control"] = _SHORT
        return gone
    notice = _notice(row, _contact(directory, row.region))
    file = calendars.calendar(notice, meetings.read(row.meets), today=today())
    response = Response(file, mimetype=calendars.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'inline; filename="{row.slug}-meetings.ics"'
    response.headers["Cache-Control"] = _HOURS
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/branches/<slug>/leaflet")
def leaflet(slug: str) -> ResponseReturnValue:
    """Show a branch's leaflet, a page to print; who looks for a closed branch's sees its page."""
    row, directory = _known(slug)
    if not row.is_open(today()):
        return branch(slug)
    address = leaflets.join_address(room().presenter.public_url, row.slug)
    page = render_template(
        "branches/leaflet.html",
        branch=_details(row, closed=None),
        contact=_contact(directory, row.region),
        when=row.meets if meetings.names_a_day(row.meets) else "",
        address=address,
        code=leaflets.drawing_of(address),
    )
    return _page(page, 200, _SHORT)


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
        branches=[
            (each, each.meets if meetings.names_a_day(each.meets) else "")
            for each in directory.branches.get(row.id, ())
        ],
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


def _known(slug: str) -> tuple[Branch, Directory]:
    """Give a branch that is open or has closed, with its region, and the directory of the day.

    Raises:
        NotFound: when there is none, and while it is announced and not there yet.
    """
    with reading() as session:
        wanted = select(Branch).where(Branch.slug == slug).options(joinedload(Branch.region))
        row = session.scalar(wanted)
        directory = room().locator.directory(session, today=today())
    if row is None or not (row.is_open(today()) or (row.closed and row.closed <= today())):
        abort(404)
    return row, directory


def _details(row: Branch, *, closed: object) -> dict[str, Any]:
    shown = ("slug", "name", "postcode", "place", "meets", "email", "phone", "opened", "sample")
    return {**{name: getattr(row, name) for name in shown}, "closed": closed}


def _notice(row: Branch, contact: Mapping[str, Any]) -> calendars.Notice:
    """Put a branch's calendar into words."""
    organisation = room().text_line.org_name
    ring = _(
        "Before you come for the first time, ring %(number)s (%(name)s): a meeting may have moved.",
        number=contact["display"],
        name=contact["name"],
    )
    return calendars.Notice(
        url=f"{room().presenter.public_url}/branches/{row.slug}",
        name=_("%(organisation)s %(branch)s: meetings", organisation=organisation, branch=row.name),
        summary=_(
            "%(organisation)s %(branch)s: branch meeting",
            organisation=organisation,
            branch=row.name,
        ),
        description=f"{row.meets}\n{ring}",
        place=row.place,
        lat=row.lat,
        lon=row.lon,
        opened=row.opened,
        closed=row.closed,
    )


def _contact(directory: Directory, row: Region) -> Mapping[str, Any]:
    """Give the organiser's line, or the national office's where the region is closed."""
    found = (each for each in directory.regions if each.id == row.id)
    return room().presenter.contact(next(found, None))


def _page(page: str, status: int, caching: str) -> Response:
    response = Response(page, status, mimetype="text/html")
    response.headers["Cache-Control"] = caching
    return response
