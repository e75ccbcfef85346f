"""The pages of what was put aside: the truth about it, and the button that finishes it."""

import uuid

from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock, links
from core.database import reading, transaction
from core.guards import anyone, guard, same_origin
from payments.gateway import GatewayUnavailable, PaymentRefused
from payments.models import Pledge
from payments.protecting import doorway, setting_aside
from payments.protecting.gate import Gate
from payments.till import Till

bp = guard(Blueprint("finish", __name__, url_prefix="/finish"), anyone)


@bp.get("/later")
def later() -> ResponseReturnValue:
    """Say that a payment was put aside: nothing is charged, and a letter will come."""
    return _private(render_template("payments/put_aside.html"))


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the button that finishes a payment, or the truth once a payment page was opened.

    Mail scanners that look use nothing up.
    """
    token = request.args.get("token", "")
    with reading() as session:
        pledge = session.get(Pledge, _named(token))
        good = pledge is not None and setting_aside.can_finish(
            session, pledge, _gate().limits, now=clock.now()
        )
        opened = good and pledge is not None and _was_opened(pledge)
    if pledge is None or not good:
        return _over()
    if opened:  # it may have been paid there since
        return redirect(_truth_of(pledge), 303)
    return _private(render_template("payments/finish.html", token=token, pledge=pledge))


@bp.post("")
def finish() -> ResponseReturnValue:
    """Open the Checkout of a payment that was put aside, and send its maker there."""
    same_origin(current_app.extensions["public_url"])
    token, till = request.form.get("token", ""), _till()
    try:
        with transaction() as session:
            pledge, checkout = setting_aside.release(
                session, _named(token), _gate().limits, open_for=till.open_for, now=clock.now()
            )
    except setting_aside.NothingToFinish:
        return _over()
    if checkout is None:
        return redirect(_truth_of(pledge), 303)
    try:
        return redirect(till.open(checkout, doorway.ways_back()[pledge.kind]()), 303)
    except (GatewayUnavailable, PaymentRefused) as error:
        words, status = doorway.refused_words(error)
        page = render_template("payments/finish.html", token=token, pledge=pledge, fault=words)
        return _private(page, status)


def _named(token: str) -> uuid.UUID:
    """Return the pledge that a link is for; one that is none of ours is nobody's."""
    try:
        return links.read(token, current_app.extensions["link_keys"], setting_aside.PURPOSE)
    except links.DeadLink:
        return uuid.UUID(int=0)


def _was_opened(pledge: Pledge) -> bool:
    """Say whether Stripe has a payment page for a pledge, or had one."""
    return bool(pledge.checkouts) and pledge.checkouts[-1].session_id is not None


def _truth_of(pledge: Pledge) -> str:
    """Return where the truth stands about a pledge that needs no payment page any more."""
    back, session_id = doorway.ways_back()[pledge.kind](), pledge.checkouts[-1].session_id
    if session_id is None:
        return back.cancel
    return back.success.replace("{CHECKOUT_SESSION_ID}", session_id)


def finish_url(pledge_id: str) -> str:
    """Return where a payment that was put aside can be finished, for the letter about it."""
    keys = current_app.extensions["link_keys"]
    token = links.token(uuid.UUID(pledge_id), keys, setting_aside.PURPOSE)
    return url("finish.show", token=token, _external=True)


def _over() -> Response:
    return _private(render_template("payments/finish_over.html"), 410)


def _private(page: str, status: int = 200) -> Response:
    response = Response(page, status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _till() -> Till:
    till: Till = current_app.extensions["till"]
    return till


def _gate() -> Gate:
    gate: Gate = current_app.extensions[doorway.GATE]
    return gate
