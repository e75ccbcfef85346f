"""The control address: every action by HTTP, for tests, the command and the board's buttons.

    POST /_sandbox/refund        {"payment_intent": "pi_…", "amount": 500}
    GET  /_sandbox/books

takes JSON or a form and answers JSON; a form that bears `back` leads back to that page instead.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from sandbox.stripe.actions import ACTIONS, act
from sandbox.stripe.errors import StripeError
from sandbox.world import world

control = Blueprint("sandbox_control", __name__, url_prefix="/_sandbox")

LOOKING = {"books"}  # what may be asked for by GET: it changes nothing


@control.get("/")
def about() -> ResponseReturnValue:
    """Name the actions."""
    return {name: action.about for name, action in ACTIONS.items()}


@control.get("/<name>")
def look(name: str) -> ResponseReturnValue:
    """Answer what changes nothing."""
    if name not in LOOKING:
        return {"error": {"message": "Use POST.", "type": "invalid_request_error"}}, 405
    return _answer(name, dict(request.args))


@control.post("/<name>")
def do(name: str) -> ResponseReturnValue:
    """Do what is named."""
    if not request.is_json:
        wishes = {key: value for key, value in request.form.items() if value != ""}
        back = wishes.pop("back", None)
        answer = _answer(name, wishes)
        return answer if back is None else _back(answer)
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest
    return _answer(name, body)


def _back(answer: ResponseReturnValue) -> ResponseReturnValue:
    """Lead back to the board, with the words of what could not be done."""
    if not isinstance(answer, tuple):
        return redirect("/", 303)
    fault: Any = answer[0]
    return redirect(f"/?{urlencode({'fault': fault['error']['message']})}", 303)


def _answer(name: str, wishes: dict[str, Any]) -> ResponseReturnValue:
    try:
        return act(world(), name, wishes)  # type: ignore[no-any-return]  # an action's answer is JSON
    except StripeError as fault:
        return fault.body, fault.status
