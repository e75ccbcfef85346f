"""Confirming a new e-mail address, from the letter that went there: where anyone may stand."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from core import clock
from core.database import reading, transaction
from core.guards import same_origin
from core.links import DeadLink
from members.room import room
from members.self_service import readdressing
from members.self_service.doorstep import bp


@bp.get("/confirm-address")
def confirm_address() -> ResponseReturnValue:
    """Show the button that lets the address count; mail scanners that look change nothing."""
    token = request.args.get("token", "")
    try:
        change_id = readdressing.read(token, room().keys)
        with reading() as session:
            readdressing.waiting(session, change_id, now=clock.now())
    except DeadLink:
        abort(404)
    return render_template("members/confirm_address.html", token=token, confirmed=False)


@bp.post("/confirm-address")
def confirm_address_now() -> ResponseReturnValue:
    """Let letters go to this address from now on."""
    same_origin(room().public_url)
    try:
        change_id = readdressing.read(request.form.get("token", ""), room().keys)
        with transaction() as session:
            readdressing.confirm(session, change_id, keys=room().keys, now=clock.now())
    except DeadLink:
        abort(404)
    return render_template("members/confirm_address.html", confirmed=True)
