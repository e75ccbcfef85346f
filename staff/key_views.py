"""Somebody's own passkeys: listed, added, taken away, each change behind the password."""

import uuid

from flask import abort, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.database import reading, transaction
from staff import accounts, authenticators, ceremony, passkeys, sessions
from staff.challenges import Challenge, Purpose
from staff.credential_views import proved
from staff.desk import bp
from staff.forms import NameForm, ProofForm
from staff.models import StaffAccount, StaffPasskey
from staff.passkeys import LastFactor
from staff.room import here, me, room


@bp.get("/account/passkeys")
def own_passkeys() -> ResponseReturnValue:
    """Show the passkeys, and ask for the password before another is made."""
    return _list(ProofForm(formdata=None))


@bp.post("/account/passkeys")
def begin_passkey() -> ResponseReturnValue:
    """Put a challenge to the browser of who has typed the password."""
    form = ProofForm()
    ceremony.relying()
    if not form.validate() or not proved(form):
        return _list(form), 422
    ceremony.put(Purpose.ADD)
    return redirect(url("desk.new_passkey"), 303)


@bp.get("/account/passkeys/new")
def new_passkey() -> ResponseReturnValue:
    """Show the button that makes a passkey, to who has typed the password a moment ago."""
    challenge = ceremony.held(Purpose.ADD)
    if challenge is None:
        return redirect(url("desk.own_passkeys"), 303)
    return _new(NameForm(formdata=None), challenge)


@bp.post("/account/passkeys/new")
def make_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    form, challenge, now = NameForm(), ceremony.held(Purpose.ADD), clock.now()
    if challenge is None:
        return redirect(url("desk.own_passkeys"), 303)
    if not form.validate():
        return _new(form, challenge), 422
    who, name = ceremony.relying(), form.name.data or ""
    with transaction() as session:
        made = passkeys.make(
            session, here().id, ceremony.answer(), who=who, challenge=challenge, name=name, now=now
        )
        if made is not None:
            mine = session.get_one(StaffAccount, me().account_id)
            accounts.tell(session, mine, "passkey", now=now)
    ceremony.forget()
    if made is None:
        again = ProofForm(formdata=None)
        again.form_errors = [_("No passkey was made. Type your password to try again.")]
        return _list(again), 422
    return redirect(url("desk.own_passkeys"), 303)


@bp.get("/account/passkeys/<uuid:passkey_id>")
def one_passkey(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the password before a passkey is taken away."""
    return _one(passkey_id, ProofForm(formdata=None))


@bp.post("/account/passkeys/<uuid:passkey_id>")
def remove_passkey(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Take a passkey away; every other session ends. The last second factor stays."""
    form, now = ProofForm(), clock.now()
    if not _is_mine(passkey_id):
        gone = ProofForm(formdata=None)
        gone.form_errors = [_("There is no such passkey of yours; it may be taken away already.")]
        return _list(gone), 404
    if not form.validate() or not proved(form):
        return _one(passkey_id, form), 422
    try:
        with transaction() as session:
            if not passkeys.remove(session, me().account_id, passkey_id, now=now):
                abort(404)
            sessions.end_all(session, me().account_id, now=now, but=here().id)
            mine = session.get_one(StaffAccount, me().account_id)
            accounts.tell(session, mine, "passkey-removed", now=now)
    except LastFactor:
        form.form_errors = [_("Set up an authenticator first, or another passkey.")]
        return _one(passkey_id, form), 422
    return redirect(url("desk.own_passkeys"), 303)


def _list(form: ProofForm) -> str:
    with reading() as session:
        held = session.get_one(StaffAccount, me().account_id).passkeys
    page = {
        "held": held,
        "possible": room().relying is not None,
        "full": len(held) >= passkeys.MOST,
    }
    return render_template("desk/passkeys.html", form=form, **page)


def _new(form: NameForm, challenge: Challenge) -> str:
    with reading() as session:
        mine = session.get_one(StaffAccount, me().account_id)
        options = authenticators.to_make(ceremony.relying(), mine, challenge)
    return render_template("desk/new_passkey.html", form=form, options=options)


def _one(passkey_id: uuid.UUID, form: ProofForm) -> str:
    return render_template("desk/one_passkey.html", form=form, passkey=_mine(passkey_id))


def _is_mine(passkey_id: uuid.UUID) -> bool:
    with reading() as session:
        row = session.get(StaffPasskey, passkey_id)
    return row is not None and row.account_id == me().account_id


def _mine(passkey_id: uuid.UUID) -> StaffPasskey:
    """Return one of the account's own passkeys; there is none of anybody else's."""
    if not _is_mine(passkey_id):
        abort(404)
    with reading() as session:
        return session.get_one(StaffPasskey, passkey_id)
