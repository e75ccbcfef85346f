"""The wall's pages: for people, as JSON, as Atom. Free of cookies: any cache may keep them."""

import json
from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from core.database import reading
from core.guards import anyone, guard
from core.problems import problem
from payments import appeals
from payments.models import Appeal
from payments.wall import feeding, showing
from payments.wall.feeding import Named

bp = guard(Blueprint("wall", __name__, url_prefix="/donate/<appeal>"), anyone)


@dataclass(frozen=True, slots=True)
class Wall:
    """One page of one appeal's wall. `older` is the cursor of the page after it, as text."""

    appeal: Appeal
    messages: list[Named]
    before: str | None
    older: str | None


@bp.get("/messages")
def page(appeal: str) -> ResponseReturnValue:
    """Show the messages of an appeal, newest first."""
    found = render_template("payments/messages.html", wall=_wall_or_refuse(appeal))
    return _cached(Response(found, mimetype="text/html"))


@bp.get("/messages.json")
def as_json(appeal: str) -> ResponseReturnValue:
    """Answer with the same as JSON, to any site's script."""
    try:
        wall = _wall(appeal)
    except appeals.NoSuchAppeal:
        return _open(problem(404, "unknown_appeal", "There is no appeal of this name."))
    except showing.NotACursor:
        return _open(problem(400, "bad_cursor", "There is no page that begins there."))
    body = feeding.WallShape(
        appeal=wall.appeal.slug,
        title=wall.appeal.title,
        messages=[feeding.shape(each) for each in wall.messages],
        next=_site(url("wall.as_json", appeal=appeal, before=wall.older)) if wall.older else None,
    )
    return _open(_cached(Response(json.dumps(body), mimetype="application/json")))


@bp.get("/messages.atom")
def as_atom(appeal: str) -> ResponseReturnValue:
    """Answer with the same as an Atom feed."""
    wall = _wall_or_refuse(appeal)
    older = url("wall.as_atom", appeal=appeal, before=wall.older) if wall.older else None
    feed = feeding.Feed(
        title=_("Messages: %(appeal)s", appeal=wall.appeal.title),
        language=get_locale().language,
        page_url=_site(url("wall.page", appeal=appeal)),
        own_url=_site(url("wall.as_atom", appeal=appeal, before=wall.before)),
        next_url=_site(older) if older else None,
        since=wall.appeal.starts,
        titled=lambda name: _("A message from %(name)s", name=name),
    )
    body = feeding.atom(feed, wall.messages)
    return _cached(Response(body, mimetype="application/atom+xml"))


@bp.app_template_global("wall_has_messages")
def wall_has_messages(slug: str) -> bool:
    """Say whether a page should lead to the wall of this appeal."""
    with reading() as session:
        return showing.anything(session, slug)


def _wall(slug: str) -> Wall:
    """Look up the page that is asked for.

    Raises:
        appeals.NoSuchAppeal: when there is no such appeal.
        showing.NotACursor: when `before` is none.
    """
    before = request.args.get("before")
    with reading() as session:
        appeal = appeals.find(session, slug)
        cursor = showing.Cursor.parse(before) if before is not None else None
        found = showing.page(session, appeal.id, before=cursor)
    named = [_named(each) for each in found.messages]
    return Wall(appeal, named, before, str(found.older) if found.older else None)


def _wall_or_refuse(slug: str) -> Wall:
    try:
        return _wall(slug)
    except appeals.NoSuchAppeal:
        abort(404)
    except showing.NotACursor:
        abort(400)


def _named(message: showing.Message) -> Named:
    return Named(message, message.name or _("Anonymous"))


def _site(path: str) -> str:
    return f"{current_app.extensions['public_url']}{path}"


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=60"
    response.add_etag()
    response.make_conditional(request)
    return response


def _open(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
