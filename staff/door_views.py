"""Before the door of the desk, where anyone may stand: signing in, and taking up an invitation."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from core import clock
from core.database import reading, transaction
from core.forms import PublicForm, new_token, nonce_of
from core.guards import anyone, guard, same_origin
from core.links import DeadLink
from staff import inviting, passwords, signing_in, throttling
from staff.door import caller, enter, keep_nothing
from staff.forms import AcceptForm, SignInForm
from staff.room import room

_Form = TypeVar("_Form", bound=PublicForm)
_SIGN_IN, _ACCEPT = "desk", "desk-invitation"

bp = guard(Blueprint("desk_door", __name__, url_prefix="/desk"), anyone)
bp.after_request(keep_nothing)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Take an address and a password; the answer is the same for every pair that is not one."""
    if request.method != "POST":
        return sign_in_page(empty_form())
    same_origin(room().public_url)
    form = SignInForm()
    sound, nonce = form.validate(), nonce_of(form, _SIGN_IN)
    if not sound or nonce is None:
        return sign_in_page(form), 422
    return _with_password(form)


def _with_password(form: SignInForm) -> ResponseReturnValue:
    """Count the attempt, compare, and lead on. No transaction is open while the hash is made."""
    now, who, email = clock.now(), caller(), form.email.parsed.key
    with transaction() as session:
        keys = signing_in.keys_of_password(session, email, who, secret=room().keys[0], now=now)
        wait = throttling.take(session, keys, now=now)
        account_id, kept = signing_in.open_hash(session, email)
    if wait is not None:
        return paused(form, wait, sign_in_page)
    good = passwords.matches(form.password.data or "", kept)
    with transaction() as session:
        if good and account_id and signing_in.still(session, account_id, kept):
            throttling.forgive(session, keys[:1])
            enter(signing_in.halfway(session, account_id, now=now))
            return redirect(url("desk_step.step"), 303)
        signing_in.refused(session, account_id, "password", now=now)
    form.form_errors = [_("That address and that password do not belong together.")]
    return sign_in_page(form), 422


def empty_form() -> SignInForm:
    """Return the form of the sign-in with nothing typed in it."""
    return SignInForm(formdata=None, data={"token": new_token(_SIGN_IN)})


def sign_in_page(form: SignInForm) -> str:
    """Show the form, and where browsers can use one here the button for a passkey."""
    return render_template("desk/sign_in.html", form=form, passkeys=room().relying is not None)


def paused(form: _Form, wait: dt.timedelta, page: Callable[[_Form], str]) -> Response:
    """Say on a page how long to wait before the next attempt."""
    minutes = int(wait.total_seconds() // 60) + 1
    form.form_errors = [
        ngettext(
            "Too many attempts. Wait %(num)s minute, then try again.",
            "Too many attempts. Wait %(num)s minutes, then try again.",
            minutes,
        )
    ]
    answer = Response(page(form), 429, mimetype="text/html")
    answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return answer


@bp.get("/invitation")
def invitation() -> ResponseReturnValue:
    """Show whom an invitation is for; looking uses nothing up, for mail scanners look."""
    link = request.args.get("token", "")
    try:
        with reading() as session:
            _row, account = inviting.find(session, link, room().keys, now=clock.now())
    except DeadLink:
        return render_template("desk/invitation_spent.html"), 410
    form = AcceptForm(formdata=None, data={"token": new_token(_ACCEPT)})
    return render_template("desk/invitation.html", form=form, email=account.email, link=link)


@bp.post("/invitation")
def accept() -> ResponseReturnValue:
    """Set the password that an invitation asks for, and lead on to the second factor."""
    same_origin(room().public_url)
    link, now, form = request.form.get("link", ""), clock.now(), AcceptForm()
    try:
        with reading() as session:
            _row, account = inviting.find(session, link, room().keys, now=now)
        form.own = tuple(inviting.own_words(account, room().organisation))
        sound, nonce = form.validate(), nonce_of(form, _ACCEPT)
        if not sound or nonce is None:
            page = {"form": form, "email": account.email, "link": link}
            return render_template("desk/invitation.html", **page), 422
        kept = passwords.hashed(form.new_password.data or "")
        with transaction() as session:
            account = inviting.accept(session, link, room().keys, password_hash=kept, now=now)
            enter(signing_in.halfway(session, account.id, now=now))
    except DeadLink:
        return render_template("desk/invitation_spent.html"), 410
    return redirect(url("desk_step.step"), 303)
