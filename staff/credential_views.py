"""What opens somebody's own account, changed by themselves: each time behind the password."""

from flask import redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock, qr_codes
from core.addresses import EmailAddress
from core.database import transaction
from staff import accounts, codes, enrolling, inviting, passwords, sessions, signing_in, throttling
from staff.desk import bp, note
from staff.forms import CodeForm, PasswordForm, ProofForm
from staff.models import StaffAccount
from staff.room import here, me, room


@bp.get("/account/password")
def password() -> ResponseReturnValue:
    """Ask for another password."""
    return render_template("desk/password.html", form=PasswordForm(formdata=None))


@bp.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Change the password; every other session ends."""
    form, now = PasswordForm(), clock.now()
    form.own = tuple(passwords.names_in(me().email, room().organisation))
    if not form.validate() or not proved(form):
        return render_template("desk/password.html", form=form), 422
    kept = passwords.hashed(form.new_password.data or "")
    with transaction() as session:
        mine = session.get_one(StaffAccount, me().account_id)
        mine.password_hash = kept
        sessions.end_all(session, mine.id, now=now, but=here().id)
        inviting.void(session, mine.id, now=now)
        accounts.tell(session, mine, "password", now=now)
        note(session, "password")
    return redirect(url("desk.account"), 303)


@bp.get("/account/recovery-codes")
def recovery_codes() -> ResponseReturnValue:
    """Ask for the password before new recovery codes are made."""
    return render_template("desk/recovery_again.html", form=ProofForm(formdata=None))


@bp.post("/account/recovery-codes")
def new_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, and show them once; the old ones are dead."""
    form = ProofForm()
    if not form.validate() or not proved(form):
        return render_template("desk/recovery_again.html", form=form), 422
    with transaction() as session:
        fresh = codes.new_recovery_codes(session, me().account_id)
        mine = session.get_one(StaffAccount, me().account_id)
        accounts.tell(session, mine, "codes", now=clock.now())
        note(session, "recovery-codes")
    return render_template("desk/recovery_codes.html", codes=fresh, first=False)


@bp.get("/account/authenticator")
def authenticator() -> ResponseReturnValue:
    """Ask for the password before another authenticator is set up."""
    return render_template("desk/authenticator.html", form=ProofForm(formdata=None))


@bp.post("/account/authenticator")
def begin_authenticator() -> ResponseReturnValue:
    """Begin with another authenticator; the old one works until the new one is proved."""
    form = ProofForm()
    if not form.validate() or not proved(form):
        return render_template("desk/authenticator.html", form=form), 422
    with transaction() as session:
        enrolling.on_trial(session, here().id, room().keys)
    return redirect(url("desk.new_authenticator"), 303)


@bp.get("/account/authenticator/new")
def new_authenticator() -> ResponseReturnValue:
    """Show the QR code of the authenticator that is to be."""
    if here().new_secret is None:
        return redirect(url("desk.authenticator"), 303)
    return _new_authenticator(CodeForm(formdata=None))


@bp.post("/account/authenticator/new")
def prove_authenticator() -> ResponseReturnValue:
    """Keep the authenticator whose code was typed; every other session ends."""
    form, now = CodeForm(), clock.now()
    if here().new_secret is None:
        return redirect(url("desk.authenticator"), 303)
    with transaction() as session:
        fresh = form.validate() and enrolling.prove(
            session, here().id, form.code.data or "", keys=room().keys, now=now
        )
        if fresh:
            sessions.end_all(session, me().account_id, now=now, but=here().id)
            mine = session.get_one(StaffAccount, me().account_id)
            accounts.tell(session, mine, "authenticator", now=now)
    if not fresh:
        if not form.errors:
            form.form_errors = [_("That code is not good. Wait for the next one and type that.")]
        return _new_authenticator(form), 422
    return render_template("desk/recovery_codes.html", codes=fresh, first=False)


def _new_authenticator(form: CodeForm) -> str:
    with transaction() as session:
        secret = enrolling.on_trial(session, here().id, room().keys)
    address = codes.address_of(secret, email=me().email, issuer=room().organisation)
    drawing = qr_codes.drawing_of(address)
    return render_template(
        "desk/set_up.html", form=form, secret=secret, drawing=drawing, back=url("desk.account")
    )


def proved(form: ProofForm) -> bool:
    """Whether the present password was typed; each attempt is counted before it is looked at."""
    now = clock.now()
    with transaction() as session:
        keys = [throttling.key("again", str(me().account_id), secret=room().keys[0])]
        wait = throttling.take(session, keys, now=now)
        _id, kept = signing_in.open_hash(session, EmailAddress.parse(me().email).key)
    if wait is not None:
        form.form_errors = [_("Too many attempts. Wait a while, then try again.")]
        return False
    good = passwords.matches(form.password.data or "", kept)
    with transaction() as session:
        if good:
            throttling.forgive(session, keys)
        else:
            signing_in.refused(session, me().account_id, "password-again", now=now)
    if not good:
        form.password.errors = [_("That is not your password.")]
    return good
