"""Where gateways hand over the texts that came in: one address each, and one way for all."""

import logging

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from branches.locator import IndexMissing
from branches.room import room, today
from branches.texting.gateways import Delivery, Gateway, Inbound, Malformed
from branches.texting.receiving import receive
from core import clock
from core.database import transaction
from core.guards import guard, signed_gateway
from core.problems import problem

_log = logging.getLogger(__name__)


def _gateway() -> Gateway:
    """Return the gateway whose address this is; each view bears its name."""
    return room().gateways[(request.endpoint or "").rpartition(".")[2]]


def _admitted() -> ResponseReturnValue | None:
    """Let in only who knows the secret; without one set, there is no such gateway."""
    gateway = _gateway()
    if not gateway.switched_on:
        abort(404)
    if gateway.admits(_delivery()):
        return None
    if gateway.basic is None:
        return problem(403, "bad_signature", "The request is not signed with the gateway's key.")
    detail = f"User {gateway.basic} and the gateway's secret are needed."
    refusal = problem(401, "unauthorised", detail)
    refusal.headers["WWW-Authenticate"] = 'Basic realm="sms", charset="UTF-8"'
    return refusal


bp = guard(Blueprint("sms", __name__, url_prefix="/webhooks/sms"), signed_gateway(_admitted))


def take() -> ResponseReturnValue:
    """Take a text and answer as its gateway wants it: 503 when the text could not be stored."""
    gateway = _gateway()
    inbound = gateway.read(_delivery())
    answer = gateway.answer(_reply_to(inbound) if inbound else None)
    return Response(answer.body, content_type=answer.content_type, headers=dict(answer.headers))


def _reply_to(inbound: Inbound) -> str | None:
    here, now = room(), clock.now()
    understood = here.text_line.learn(inbound.text)
    with transaction() as session:
        return receive(
            session,
            here.text_line,
            inbound,
            rules=here.text_rules,
            today=today(),
            now=now,
            understood=understood,
        )


for _name in ("generic", "kannel", "android", "twilio"):
    bp.add_url_rule(f"/{_name}", _name, take, methods=["POST"])


@bp.errorhandler(Malformed)
def malformed(fault: Malformed) -> ResponseReturnValue:
    """Say what is wrong: sending the same again would be of no use."""
    return problem(400, "malformed", f"Not a text: {fault}.")


@bp.errorhandler(IndexMissing)
def without_index(_missing: IndexMissing) -> ResponseReturnValue:
    """Ask for the text again later, when it can be answered."""
    return _later("index_missing", "Postcodes cannot be looked up just now.", 60)


@bp.errorhandler(DBAPIError)
@bp.errorhandler(PoolTimeout)
def not_stored(fault: Exception) -> ResponseReturnValue:
    """Ask for the text again: it is not stored, whatever is the matter with the database."""
    _log.error("text not stored", extra={"path": request.path, "error": type(fault).__name__})
    return _later("not_stored", "The text could not be stored just now.", 5)


def _later(code: str, detail: str, seconds: int) -> Response:
    refusal = problem(503, code, detail)
    refusal.headers["Retry-After"] = str(seconds)
    return refusal


def _delivery() -> Delivery:
    known = request.authorization
    basic = known if known is not None and known.type == "basic" else None
    query = request.query_string.decode("latin-1")
    return Delivery(
        body=request.get_data(),
        mimetype=request.mimetype,
        at=clock.now(),
        charset=request.mimetype_params.get("charset", ""),
        form=tuple(request.form.items(multi=True)),
        headers={name.lower(): value for name, value in request.headers},
        query=request.args,
        target=f"{request.path}?{query}" if query else request.path,
        user=basic.username if basic else None,
        password=basic.password if basic else None,
    )
