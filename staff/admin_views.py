"""The admins' pages: who has an account, and what each may do."""

import uuid
from typing import TypeVar

from flask import Blueprint, abort, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from staff import accounts, auditing, inviting
from staff.accounts import LastAdmin
from staff.auditing import Subject
from staff.door import keep_nothing
from staff.forms import ROLES, InviteForm, PostForm
from staff.models import StaffAccount
from staff.principal import Role
from staff.room import me, room

_Form = TypeVar("_Form", bound=PostForm)

bp = guard(Blueprint("desk_accounts", __name__, url_prefix="/desk/accounts"), staff(Role.ADMIN))
bp.after_request(keep_nothing)


@bp.get("")
def every() -> ResponseReturnValue:
    """Show all accounts, and the form that invites somebody."""
    return _every(_with_places(InviteForm(formdata=None)))


@bp.post("")
def invite() -> ResponseReturnValue:
    """Invite somebody; a letter is on its way. Whoever has an account is not invited from here."""
    form, now = _with_places(InviteForm()), clock.now()
    if not form.validate():
        return _every(form), 422
    with transaction() as session:
        if accounts.by_email(session, form.email.parsed.key) is None:
            inviting.invite(session, form.email.parsed, form.post(), by=me().account_id, now=now)
            return redirect(url("desk_accounts.every"), 303)
    form.email.errors = [_("There is an account of this address already; it is on the list.")]
    return _every(form), 422


@bp.get("/<uuid:account_id>")
def one(account_id: uuid.UUID) -> ResponseReturnValue:
    """Show one account; the look is written down."""
    with transaction() as session:
        found = _account(session, account_id)
        subject = Subject("staff", found.id)
        auditing.record(session, "look", by=me().account_id, now=clock.now(), subject=subject)
        post = accounts.post_of(found)
    data = {"role": post.role, "regions": list(post.regions), "branches": list(post.branches)}
    return _one(account_id, _with_places(PostForm(formdata=None, data=data)))


@bp.post("/<uuid:account_id>")
def appoint(account_id: uuid.UUID) -> ResponseReturnValue:
    """Give an account another role or scope."""
    form = _with_places(PostForm())
    try:
        with transaction() as session:
            found = _account(session, account_id)
            if form.validate():
                accounts.appoint(session, found, form.post(), by=me().account_id, now=clock.now())
                return redirect(url("desk_accounts.one", account_id=account_id), 303)
    except LastAdmin:
        form.form_errors = [_only_admin()]
    return _one(account_id, form), 422


@bp.post("/<uuid:account_id>/invite")
def invite_anew(account_id: uuid.UUID) -> ResponseReturnValue:
    """Send another link: the account begins again with another password and authenticator."""
    with transaction() as session:
        found = _account(session, account_id)
        email, post = inviting.address_of(found), accounts.post_of(found)
        inviting.invite(session, email, post, by=me().account_id, now=clock.now())
    return redirect(url("desk_accounts.one", account_id=account_id), 303)


@bp.post("/<uuid:account_id>/revoke")
def revoke(account_id: uuid.UUID) -> ResponseReturnValue:
    """Take an account back, at once and everywhere."""
    try:
        with transaction() as session:
            found = _account(session, account_id)
            accounts.revoke(session, found, by=me().account_id, now=clock.now())
            inviting.void(session, account_id, now=clock.now())
    except LastAdmin:
        form = _with_places(PostForm(formdata=None, data={"role": Role.ADMIN}))
        form.form_errors = [_only_admin()]
        return _one(account_id, form), 422
    return redirect(url("desk_accounts.every"), 303)


def _account(session: Session, account_id: uuid.UUID) -> StaffAccount:
    found = session.get(StaffAccount, account_id)
    if found is None:
        abort(404)
    return found


def _with_places(form: _Form) -> _Form:
    with reading() as session:
        places = room().places
        form.regions.choices = [(each.id, each.name) for each in places.regions(session)]
        form.branches.choices = [(each.id, each.name) for each in places.branches(session)]
    return form


def _every(form: PostForm) -> str:
    with reading() as session:
        found, places = accounts.every(session), room().places
        return render_template(
            "desk/accounts.html",
            form=form,
            accounts=found,
            roles=ROLES,
            regions={each.id: each.name for each in places.regions(session)},
            branches={each.id: each.name for each in places.branches(session)},
        )


def _one(account_id: uuid.UUID, form: PostForm) -> str:
    with reading() as session:
        found = _account(session, account_id)
    return render_template("desk/one_account.html", form=form, account=found, roles=ROLES)


def _only_admin() -> str:
    return str(_("This is the only admin there is. Make another first."))
