"""The admins' pages: who has an account, and what each may do."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from staff import accounts, auditing, inviting
from staff.accounts import ChangedMeanwhile, LastAdmin
from staff.auditing import Subject
from staff.desk import scope_names
from staff.door import keep_nothing
from staff.forms import ROLES, InviteForm, PostForm, SeenForm
from staff.inviting import HasAccount
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
    # Of two who invite one address at one moment the database knows the second by its key.
    with suppress(HasAccount, IntegrityError), transaction() as session:
        by, email = me().account_id, form.email.parsed
        inviting.invite(session, email, form.post(), by=by, now=now, anew=False)
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
    return _one(account_id, _held(account_id))


@bp.post("/<uuid:account_id>")
def appoint(account_id: uuid.UUID) -> ResponseReturnValue:
    """Give an account another role or scope, unless somebody else has since the form was made."""
    form = _with_places(PostForm())
    if not form.validate():
        return _one(account_id, form), 422

    def change(session: Session, found: StaffAccount) -> None:
        what, by = form.post(), me().account_id
        if what != accounts.post_of(found):
            accounts.as_seen(session, found, form.version, by=by, what="")
            accounts.appoint(session, found, what, by=by, now=clock.now())

    return _changed(account_id, form, change)


@bp.post("/<uuid:account_id>/invite")
def invite_anew(account_id: uuid.UUID) -> ResponseReturnValue:
    """Send another link: the account begins again with another password and authenticator."""
    seen = SeenForm()

    def change(session: Session, found: StaffAccount) -> None:
        email, post, by = inviting.address_of(found), accounts.post_of(found), me().account_id
        if accounts.as_seen(session, found, seen.version, by=by, what="invited"):
            inviting.invite(session, email, post, by=by, now=clock.now())

    return _changed(account_id, None, change)


@bp.post("/<uuid:account_id>/revoke")
def revoke(account_id: uuid.UUID) -> ResponseReturnValue:
    """Take an account back, at once and everywhere."""
    seen = SeenForm()

    def change(session: Session, found: StaffAccount) -> None:
        if found.revoked_at is None:
            accounts.as_seen(session, found, seen.version, by=me().account_id, what="")
            accounts.revoke(session, found, by=me().account_id, now=clock.now())
            inviting.void(session, account_id, now=clock.now())

    return _changed(account_id, None, change, then=url("desk_accounts.every"))


def _changed(
    account_id: uuid.UUID,
    form: PostForm | None,
    change: Callable[[Session, StaffAccount], None],
    then: str = "",
) -> ResponseReturnValue:
    """Change an account that is locked, or show it with what is in the way and what was typed."""
    try:
        with transaction() as session:
            found = accounts.locked(session, account_id)
            if found is None:
                abort(404)
            change(session, found)
    except LastAdmin:
        why, status = str(_("This is the only admin there is. Make another first.")), 422
    except ChangedMeanwhile as meanwhile:
        why, status = _told(meanwhile), 409
    else:
        return redirect(then or url("desk_accounts.one", account_id=account_id), 303)
    shown = form or _held(account_id)
    shown.form_errors = [why]
    return _one(account_id, shown), status


def _told(meanwhile: ChangedMeanwhile) -> str:
    """Say who has changed an account since its page was made."""
    with reading() as session:
        names = accounts.addresses(session, [meanwhile.by] if meanwhile.by else [])
    who = names.get(meanwhile.by) if meanwhile.by else None
    return str(
        _(
            "%(who)s has changed this account since you opened the page, and nothing of yours is"
            " kept yet. Above the form stands what it is now. Press once more if you still"
            " want to.",
            who=who or _("Somebody"),
        )
    )


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
    after = request.args.get("after", type=uuid.UUID)
    with reading() as session:
        found, places = accounts.page(session, after=after), room().places
        return render_template(
            "desk/accounts.html",
            form=form,
            accounts=found[: accounts.PAGE],
            more=len(found) > accounts.PAGE,
            roles=ROLES,
            regions={each.id: each.name for each in places.regions(session)},
            branches={each.id: each.name for each in places.branches(session)},
        )


def _held(account_id: uuid.UUID) -> PostForm:
    """Return the form of an account as it stands."""
    with reading() as session:
        post = accounts.post_of(_account(session, account_id))
    data = {"role": post.role, "regions": list(post.regions), "branches": list(post.branches)}
    return _with_places(PostForm(formdata=None, data=data))


def _one(account_id: uuid.UUID, form: PostForm) -> str:
    with reading() as session:
        found = _account(session, account_id)
        post = accounts.post_of(found)
        places = scope_names(session, post.regions, post.branches)
        form.seen.data = str(accounts.version(session, account_id))
    return render_template(
        "desk/one_account.html", form=form, account=found, roles=ROLES, places=places
    )
