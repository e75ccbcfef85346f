"""Passkeys on the way in: one alone, one after the password, and a first one for who is invited."""

from flask import Response, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.database import transaction
from core.guards import same_origin
from staff import authenticators, ceremony, codes, passkeys, signing_in, throttling
from staff.challenges import Purpose
from staff.devices import described
from staff.door import caller, remember
from staff.door_views import bp as door
from staff.door_views import empty_form, paused, sign_in_page
from staff.forms import CodeForm
from staff.room import here, room
from staff.step_views import bp as step
from staff.step_views import code_page, set_up_page


@door.post("/sign-in/passkey/challenge")
def passkey_challenge() -> ResponseReturnValue:
    """Say what a browser is asked that shall sign somebody in; it is the same for everybody."""
    same_origin(room().public_url)
    who, challenge = ceremony.relying(), ceremony.put(Purpose.SIGN_IN)
    return Response(authenticators.to_prove(who, (), challenge), mimetype="application/json")


@door.post("/sign-in/passkey")
def with_passkey() -> ResponseReturnValue:
    """Sign in by a passkey alone; the answer is the same for each that is not one."""
    same_origin(room().public_url)
    who, now, answer, form = ceremony.relying(), clock.now(), ceremony.answer(), empty_form()
    with transaction() as session:
        keys = signing_in.keys_of_passkey(
            session, passkeys.claimed(answer), caller(), secret=room().keys[0], now=now
        )
        wait = throttling.take(session, keys, now=now)
    if wait is not None:
        return paused(form, wait, sign_in_page)
    with transaction() as session:
        challenge = ceremony.held(Purpose.SIGN_IN)
        verdict = passkeys.prove(session, answer, who=who, challenge=challenge, now=now)
        if verdict.good and verdict.account_id:
            throttling.forgive(session, keys[:1])
            signed = signing_in.arrive(
                session, verdict.account_id, caller(), how="passkey", now=now
            )
            return remember(_to_the_desk(), signed)
        signing_in.refused(session, verdict.account_id, verdict.detail, now=now)
    form.form_errors = [_("That passkey did not work. Try again, or sign in with your password.")]
    return sign_in_page(form), 422


@step.post("/code/passkey")
def check_passkey() -> ResponseReturnValue:
    """Take a passkey in place of the code. It is counted as a code is."""
    form, now, half, who = CodeForm(formdata=None), clock.now(), here(), ceremony.relying()
    with transaction() as session:
        keys = signing_in.keys_of_code(
            session, half.account_id, caller(), secret=room().keys[0], now=now
        )
        wait = throttling.take(session, keys, now=now)
    if wait is not None:
        return paused(form, wait, code_page)
    with transaction() as session:
        challenge, answer = ceremony.held(Purpose.STEP), ceremony.answer()
        verdict = passkeys.prove(
            session, answer, who=who, challenge=challenge, account_id=half.account_id, now=now
        )
        if verdict.good:
            throttling.forgive(session, keys)
            signed = signing_in.finish(session, half, caller(), how="passkey-step", now=now)
            return remember(_to_the_desk(), signed)
        signing_in.refused(session, half.account_id, verdict.detail, now=now)
        signing_in.warn_of_guesses(session, half.account_id, keys, now=now)
    form.form_errors = [_("That passkey did not work. Try again, or type a code.")]
    return code_page(form), 422


@step.post("/set-up/passkey")
def enrol_passkey() -> ResponseReturnValue:
    """Keep a first passkey, called as its browser is, sign in, and show the recovery codes once."""
    form, now, half, who = CodeForm(formdata=None), clock.now(), here(), ceremony.relying()
    challenge, name = (
        ceremony.held(Purpose.ENROL),
        ", ".join(filter(None, described(caller().agent))),
    )
    if half.stage != "enrol":
        return redirect(url("desk_step.step"), 303)
    with transaction() as session:
        made = passkeys.make(
            session, half.id, ceremony.answer(), who=who, challenge=challenge, name=name, now=now
        )
        if made is not None:
            fresh = codes.new_recovery_codes(session, half.account_id)
            signed = signing_in.finish(session, half, caller(), how="enrolled", now=now)
    if made is None:
        form.form_errors = [_("No passkey was made. Try again, or use an authenticator.")]
        return set_up_page(form), 422
    page = render_template("desk/recovery_codes.html", codes=fresh, first=True)
    return remember(Response(page, mimetype="text/html"), signed)


def _to_the_desk() -> Response:
    return Response(status=303, headers={"Location": url("desk.home")})
