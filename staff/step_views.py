"""The second step: a code, or setting up what makes codes. Nothing personal stands here."""

from flask import Blueprint, Response, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock, qr_codes
from core.database import reading, transaction
from core.guards import guard
from staff import ceremony, codes, enrolling, signing_in, throttling
from staff.challenges import Purpose
from staff.door import caller, halfway, keep_nothing, remember
from staff.door_views import paused
from staff.forms import CodeForm
from staff.models import StaffAccount
from staff.room import here, room

bp = guard(Blueprint("desk_step", __name__, url_prefix="/desk/sign-in"), halfway)
bp.after_request(keep_nothing)


@bp.get("/code")
def step() -> ResponseReturnValue:
    """Ask for a code; who has nothing that makes codes sets it up first."""
    if here().stage == "enrol":
        return redirect(url("desk_step.set_up"), 303)
    return code_page(CodeForm(formdata=None))


@bp.post("/code")
def check() -> ResponseReturnValue:
    """Take a code up. Each attempt is counted before it is looked at."""
    form, now, half = CodeForm(), clock.now(), here()
    if half.stage != "code" or not form.validate():
        return code_page(form), 422
    with transaction() as session:
        keys = signing_in.keys_of_code(
            session, half.account_id, caller(), secret=room().keys[0], now=now
        )
        wait = throttling.take(session, keys, now=now)
    if wait is not None:
        return paused(form, wait, code_page)
    with transaction() as session:
        how = signing_in.code_is_good(
            session, half.account_id, form.code.data or "", keys=room().keys, now=now
        )
        if how is not None:
            throttling.forgive(session, keys)
            signed = signing_in.finish(session, half, caller(), how=how, now=now)
            return remember(Response(status=303, headers={"Location": url("desk.home")}), signed)
        signing_in.refused(session, half.account_id, "code", now=now)
        signing_in.warn_of_guesses(session, half.account_id, keys, now=now)
    form.form_errors = [_("That code is not good, or was used before.")]
    return code_page(form), 422


@bp.route("/set-up", methods=["GET"])
def set_up() -> ResponseReturnValue:
    """Show the QR code of a new authenticator."""
    if here().stage != "enrol":
        return redirect(url("desk_step.step"), 303)
    return set_up_page(CodeForm(formdata=None))


@bp.post("/set-up")
def prove() -> ResponseReturnValue:
    """Keep the authenticator whose code was typed, sign in, and show the recovery codes once."""
    form, now, half = CodeForm(), clock.now(), here()
    if half.stage != "enrol":
        return redirect(url("desk_step.step"), 303)
    if not form.validate():
        return set_up_page(form), 422
    with transaction() as session:
        fresh = enrolling.prove(session, half.id, form.code.data or "", keys=room().keys, now=now)
        if fresh is not None:
            signed = signing_in.finish(session, half, caller(), how="enrolled", now=now)
    if fresh is None:
        form.form_errors = [_("That code is not good. Wait for the next one and type that.")]
        return set_up_page(form), 422
    page = render_template("desk/recovery_codes.html", codes=fresh, first=True)
    return remember(Response(page, mimetype="text/html"), signed)


def code_page(form: CodeForm) -> str:
    """Show the form for a code, and where the account has passkeys the button for one."""
    with reading() as session:
        mine = session.get_one(StaffAccount, here().account_id)
        totp, options = mine.totp_secret is not None, ceremony.to_prove(mine)
    return render_template("desk/code.html", form=form, totp=totp, options=options)


def set_up_page(form: CodeForm) -> str:
    """Show what can be the second factor: an authenticator, or an authenticator, or a passkey.."""
    with transaction() as session:
        secret, email = enrolling.on_trial(session, here().id, room().keys), here().account.email
        options = ceremony.to_make(session.get_one(StaffAccount, here().account_id), Purpose.ENROL)
    address = codes.address_of(secret, email=email, issuer=room().organisation)
    drawing = qr_codes.drawing_of(address)
    page = {"secret": secret, "drawing": drawing, "options": options}
    return render_template("desk/set_up.html", form=form, **page)
