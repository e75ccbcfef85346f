"""Where gateways hand over the texts that came in."""

import json

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from branches.locator import IndexMissing
from branches.room import room, today
from branches.texting.gateways import Delivery, Malformed
from branches.texting.receiving import receive
from core import clock
from core.database import transaction
from core.guards import guard, signed_gateway
from core.problems import problem


def _admitted() -> ResponseReturnValue | None:
    """Let in only who knows the secret; without one set, there is no such gateway."""
    gateway = room().gateway
    if not gateway.switched_on:
        abort(404)
    if gateway.admits(_delivery()):
        return None
    refusal = problem(401, "unauthorised", "User sms and the gateway's secret are needed.")
    refusal.headers["WWW-Authenticate"] = 'Basic realm="sms", charset="UTF-8"'
    return refusal


bp = guard(
    Blueprint("sms_generic", __name__, url_prefix="/webhooks/sms"), signed_gateway(_admitted)
)


@bp.post("/generic")
def generic() -> ResponseReturnValue:
    """Take a text and answer with the reply, or null: 503 when it could not be stored."""
    here, now = room(), clock.now()
    inbound = here.gateway.read(_delivery())
    with transaction() as session:
        reply = receive(
            session, here.text_line, inbound, rules=here.text_rules, today=today(), now=now
        )
    return Response(json.dumps({"reply": reply}), mimetype="application/json")


@bp.errorhandler(Malformed)
def malformed(fault: Malformed) -> ResponseReturnValue:
    """Say what is wrong: sending the same again would be of no use."""
    return problem(400, "malformed", f"Not a text: {fault}.")


@bp.errorhandler(IndexMissing)
def without_index(_missing: IndexMissing) -> ResponseReturnValue:
    """Ask for the text again later, when it can be answered."""
    refusal = problem(503, "index_missing", "Postcodes cannot be looked up just now.")
    refusal.headers["Retry-After"] = "60"
    return refusal


def _delivery() -> Delivery:
    known = request.authorization
    basic = known if known is not None and known.type == "basic" else None
    return Delivery(
        mimetype=request.mimetype,
        body=request.get_data(),
        form=request.form,
        user=basic.username if basic else None,
        password=basic.password if basic else None,
    )
