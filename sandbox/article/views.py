"""The article's one page and its application, apart from the other stand-ins."""

import csv
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from sandbox.world import World, world

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = "article-sandbox"

article = Blueprint("article", __name__)


class Organiser(NamedTuple):
    """A region and its organiser's published number."""

    region: str
    phone: str
    display: str


def organisers(path: Path = PROJECT / "directory" / "regions.csv") -> list[Organiser]:
    """The regions of the shipped directory, none where it is not there."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Organiser(row["name"], row["phone"], row["display"]) for row in rows]


@article.get("/")
def show() -> ResponseReturnValue:
    """The article."""
    return render_template(
        "sandbox/article.html",
        service=world().service or "",
        line=world().text_number,
        organisers=organisers(),
        source=SOURCE,
    )


def create_article(the_world: World) -> Flask:
    """The application that serves the article on a site of its own."""
    app = Flask("sandbox")
    app.extensions["sandbox"] = the_world
    app.register_blueprint(article)
    return app
