"""The pages that belong to no room: home, who we are, health, the theme."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core import schema
from core.database import current
from core.guards import anyone, guard
from core.organisation import Organisation

bp = guard(Blueprint("pages", __name__), anyone)
_HOUR = "public, max-age=3600"
_MINUTE = "public, max-age=60"


def set_up(app: Flask, organisation: Organisation, home: Callable[[], Mapping[str, Any]]) -> None:
    """Serve the pages; `home` gives what the front page shows of the rooms."""
    app.extensions["home"] = home
    app.extensions["organisation"] = organisation
    app.jinja_env.globals["organisation"] = organisation
    app.register_blueprint(bp)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Join, donate, find your branch."""
    return _cached(render_template("home.html", **current_app.extensions["home"]()), _MINUTE)


@bp.get("/about")
def about() -> ResponseReturnValue:
    """Who we are, and whose data we use."""
    return _cached(render_template("about.html"), _HOUR)


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What we do with people's data."""
    return _cached(render_template("privacy.html"), _HOUR)


@bp.get("/imprint")
def imprint() -> ResponseReturnValue:
    """Who promotes these pages (Elections Act 2022, Part 6)."""
    return _cached(render_template("imprint.html"), _HOUR)


@bp.get("/theme.css")
def theme() -> ResponseReturnValue:
    """The organisation's colours, for the style sheets to use."""
    organisation: Organisation = current_app.extensions["organisation"]
    colours = f":root{{--accent:{organisation.accent};--accent-ink:{organisation.accent_ink}}}\n"
    return _cached(Response(colours, mimetype="text/css"), _HOUR)


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """What search engines may look at."""
    private = "".join(
        f"Disallow: {path}\n" for path in ("/me", "/desk", "/donate/thanks", "/join/thanks")
    )
    return _cached(Response(f"User-agent: *\n{private}", mimetype="text/plain"), _HOUR)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether this process answers."""
    return _cached(Response("ok\n", mimetype="text/plain"), "no-store")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the database is there and its schema is ours."""
    state = _readiness()
    answer = Response(f"{state}\n", 200 if state == "ok" else 503, mimetype="text/plain")
    return _cached(answer, "no-store")


def _readiness() -> str:
    try:
        with current().reading() as session:
            session.execute(text("SELECT 1"))
            found = schema.revision(session.connection())
    except SQLAlchemyError:
        return "the database does not answer"
    return "ok" if found == schema.newest() else "the schema is not up to date: flask db upgrade"


def _cached(answer: Response | str, how: str) -> Response:
    response = answer if isinstance(answer, Response) else Response(answer, mimetype="text/html")
    response.headers["Cache-Control"] = how
    return response
