"""What somebody gets who presses a button after their session has ended: their own words back."""

from flask import redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue

from staff.room import room

_WORDS = (
    *("text", "note", "why", "outcome", "reason", "message", "place", "meets", "catchments"),
    *("name", "email", "phone", "address1", "address2", "town", "postcode", "dues", "reference"),
)
"""The fields of the desk that somebody writes in. What is secret is none of them."""
_CARD = "step"  # the form of a card says in `why` on which shelf it stood


def turned_away() -> ResponseReturnValue:
    """Send who is not signed in to the sign-in; what they typed is given back first.

    Only what a page of our own sent: a browser tells the origin of every POST, so that no other
    site can put words on a page of ours.
    """
    sent = request.method == "POST" and request.headers.get("Origin") in _own()
    typed = [request.form.get(name, "").strip() for name in _WORDS if sent and _is_typed(name)]
    if not any(typed):
        return redirect(url("desk_door.sign_in"), 303)
    page = render_template("desk/signed_out.html", typed=[each for each in typed if each])
    return page, 403, {"Cache-Control": "no-store"}


def _own() -> tuple[str, str]:
    return room().public_url, request.host_url.rstrip("/")


def _is_typed(name: str) -> bool:
    return name != "why" or _CARD not in request.form
