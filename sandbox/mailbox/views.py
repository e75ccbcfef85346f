"""The mailbox's pages."""

import re

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from sandbox.mailbox import letters
from sandbox.world import world

mailbox = Blueprint("mailbox", __name__)

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def with_links(text: str) -> Markup:
    """Escape a text and make its addresses of the web into links."""
    parts, place = [], 0
    for match in LINK.finditer(text):
        parts += [escape(text[place : match.start()])]
        parts += [Markup('<a href="{0}">{0}</a>').format(match[0])]
        place = match.end()
    return Markup("").join([*parts, escape(text[place:])])


@mailbox.get("/mailbox")
def index() -> ResponseReturnValue:
    """All letters, newest first."""
    return render_template("sandbox/mailbox.html", letters=letters.newest_first(world()))


@mailbox.get("/mailbox/<int:letter_id>")
def read(letter_id: int) -> ResponseReturnValue:
    """One letter."""
    letter = letters.find(world(), letter_id)
    if letter is None:
        raise NotFound
    text = with_links(letter["text"] or "")
    return render_template("sandbox/letter.html", letter=letter, text=text)


@mailbox.get("/mailbox.json")
def as_json() -> Response:
    """All letters, or those `?to=` an address, newest first."""
    found = letters.newest_first(world(), request.args.get("to"))
    return jsonify([letters.as_json(each) for each in found])
