"""Name, number, address and e-mail address of a member, for who opened a link."""

import uuid

from flask import redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core import clock
from core.addresses import PhoneNumber
from core.database import reading, transaction
from members.models import Member
from members.room import room
from members.self_service import moving, readdressing
from members.self_service.detail_forms import DetailsForm, EmailForm
from members.self_service.membership import own_member
from members.self_service.moving import Move
from members.self_service.readdressing import CannotReaddress
from members.self_service.views import bp

_WHY_NOT = {
    "same": _l("That is the address we write to already."),
    "often": _l(
        "That was asked for several times just now. Please look in your mail, or wait an hour."
    ),
}


@bp.route("/details/<uuid:member_id>", methods=["GET", "POST"])
def details(member_id: uuid.UUID) -> ResponseReturnValue:
    """Take what somebody says of themselves; a move is shown before it is kept."""
    member = own_member(member_id)
    form = DetailsForm(data=_as_typed(member))
    if not form.validate_on_submit():
        return _details(member, form), 422 if form.errors else 200
    move = _save(member, form)
    if move is not None:
        return render_template("members/move.html", member=member, form=form, move=move)
    return redirect(url("mine.giving", saved="yes"), 303)


@bp.route("/email/<uuid:member_id>", methods=["GET", "POST"])
def email(member_id: uuid.UUID) -> ResponseReturnValue:
    """Take the address that letters shall go to; it counts once it is confirmed from there."""
    member, form = own_member(member_id), EmailForm()
    if not form.validate_on_submit():
        return _email(member, form), 422 if form.errors else 200
    try:
        with transaction() as session:
            readdressing.ask(
                session,
                member,
                form.email.parsed,
                lifetime=room().rules.asked_link,
                now=clock.now(),
            )
    except CannotReaddress as error:
        form.form_errors = [str(_WHY_NOT[error.kind])]
        return _email(member, form), 422
    return redirect(url("mine.email_asked"), 303)


@bp.get("/email-asked")
def email_asked() -> str:
    """Say that a letter is on its way to the new address."""
    return render_template("members/email.html", member=None)


def _details(member: Member, form: DetailsForm) -> str:
    with reading() as session:
        placed = room().places.place(session, member.postcode, branch_id=member.branch_id)
    return render_template("members/details.html", member=member, form=form, placed=placed)


def _save(member: Member, form: DetailsForm) -> Move | None:
    here = room()
    with transaction() as session:
        return moving.save(
            session,
            member.id,
            form.details(),
            form.choice(),
            places=here.places,
            rules=here.rules,
            now=clock.now(),
        )


def _email(member: Member, form: EmailForm) -> str:
    return render_template("members/email.html", member=member, form=form)


def _as_typed(member: Member) -> dict[str, str]:
    kept = ("name", "address1", "address2", "town", "postcode")
    phone = PhoneNumber(member.phone).national if member.phone else ""
    return {each: getattr(member, each) for each in kept} | {"phone": phone}
