"""The public pages of data protection: ask or complain, and unsubscribe by one click."""

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock, unsubscribing
from core.database import transaction
from core.forms import new_token, nonce_of
from core.guards import anyone, guard, same_origin
from core.links import DeadLink
from members.caching import keep_nothing
from members.protection import asking, consenting
from members.protection.forms import REQUESTS, RequestForm
from members.protection.registry import registry

bp = guard(Blueprint("privacy", __name__), anyone)
bp.after_request(keep_nothing)
_FORM = "privacy-request"


@bp.route("/privacy/request", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Take a request or a complaint; the answer is the same for everybody."""
    if request.method != "POST":
        kind = request.args.get("about", "")
        data = {"token": new_token(_FORM), "kind": kind if kind in REQUESTS else None}
        return _form(RequestForm(formdata=None, data=data))
    same_origin(registry().public_url)
    form = RequestForm()
    sound, nonce = form.validate(), nonce_of(form, _FORM)
    if not sound or nonce is None:
        return _form(form), 422
    office = registry().office_email
    with transaction() as session:
        asking.ask(session, form.asked(), form_nonce=nonce, office=office, now=clock.now())
    return redirect(url("privacy.asked"), 303)


@bp.get("/privacy/request/sent")
def asked() -> ResponseReturnValue:
    """Confirm that it has come."""
    return render_template("members/privacy_request.html", sent=True)


@bp.get("/unsubscribe")
def unsubscribe() -> ResponseReturnValue:
    """Show the button; programs that look at links unsubscribe nobody."""
    token = request.args.get("token", "")
    _meant(token)
    return render_template("members/unsubscribe.html", token=token, done=False)


@bp.post("/unsubscribe")
def unsubscribe_now() -> ResponseReturnValue:
    """Send no campaign to an address again: by the button, or by its owner's mail program.

    That program sends no cookie and no origin, and follows no redirect (RFC 8058, 3.1): the signed
    token alone says whose wish it is.
    """
    meant = _meant(request.form.get("token") or request.args.get("token", ""))
    with transaction() as session:
        consenting.unsubscribe(session, meant.address_hash, meant.member_id, now=clock.now())
    return render_template("members/unsubscribe.html", done=True)


def _meant(token: str) -> unsubscribing.Unsubscribed:
    try:
        return unsubscribing.read(token, registry().keys)
    except DeadLink:
        abort(404)


def _form(form: RequestForm) -> str:
    return render_template("members/privacy_request.html", form=form, sent=False)
