"""Where Stripe tells us what happened: checked, stored as it came, and only then acknowledged."""

import logging
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from core import clock
from core.gathering import Gathering
from core.guards import guard, signed_gateway
from core.problems import problem
from payments import receiving
from payments.gateway import NotFromGateway
from payments.till import Till

_log = logging.getLogger(__name__)


def _signed() -> ResponseReturnValue | None:
    """Let in only what Stripe has signed; 400 is how Stripe expects to hear of a bad signature."""
    till: Till = current_app.extensions["till"]
    try:
        g.notice = till.gateway.verify(
            request.get_data(), request.headers.get("Stripe-Signature", "")
        )
    except NotFromGateway:
        _log.warning("notice refused", extra={"path": request.path})
        return problem(400, "bad_signature", "This notice is not signed by the gateway.")
    if g.notice.api_version != till.gateway.api_version:
        _log.error("notice of another API version", extra={"event": g.notice.event_id})
    return None


bp = guard(Blueprint("stripe_webhook", __name__, url_prefix="/webhooks"), signed_gateway(_signed))


@bp.post("/stripe")
def stripe() -> ResponseReturnValue:
    """Store a notice: 200 once it is on disk, 503 when it could not be stored.

    Nothing is applied here, so that Stripe is never kept waiting; the worker does it. Notices that
    come at one moment are stored together.
    """
    intake: Gathering[dict[str, Any]] = current_app.extensions["intake"]
    intake.add(receiving.row(g.notice, request.get_data(), now=clock.now()))
    return Response("", 200)
