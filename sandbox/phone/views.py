"""The phone's page, and its JSON for tests."""

from contextlib import suppress
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.phone.texting import NotDelivered, conversation, send
from sandbox.world import world

phone = Blueprint("phone", __name__, url_prefix="/phone")

DEFAULT_NUMBER = "07700 900123"
LONGEST = 1600


@phone.get("")
def show() -> ResponseReturnValue:
    """Show the conversation of one number."""
    number = request.args.get("from", DEFAULT_NUMBER)
    return render_template(
        "sandbox/phone.html",
        number=number,
        line=world().text_number,
        texts=conversation(world(), number),
        longest=LONGEST,
    )


@phone.post("")
def text() -> ResponseReturnValue:
    """Send what was typed, then show the conversation; a failure is part of it."""
    number = request.form.get("from", "").strip() or DEFAULT_NUMBER
    body = request.form.get("text", "")[:LONGEST]
    with suppress(NotDelivered):  # the conversation shows it, from the file
        send(world(), number, body)
    return redirect(f"/phone?{urlencode({'from': number})}", 303)


@phone.post("/texts")
def text_json() -> ResponseReturnValue:
    """Send `{from, text, id?}` and return `{"reply": …}`, or 502 with the fault."""
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return {"error": "text is missing"}, 400
    try:
        reply = send(world(), body.get("from", DEFAULT_NUMBER), body["text"], body.get("id"))
    except NotDelivered as fault:
        return {"error": str(fault)}, 502
    return {"reply": reply}
