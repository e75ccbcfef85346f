"""Changing the rate of one's dues, for who opened a link."""

import uuid

from flask import redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.database import reading, transaction
from core.organisation import Rate
from members.models import OWN_RATE, Member
from members.room import room
from members.self_service import rating
from members.self_service.membership import own_member
from members.self_service.rate_forms import RateForm
from members.self_service.rating import CannotChangeRate
from members.self_service.views import bp
from payments.law.forms import DuesDeclarationForm, asked_of_dues
from payments.monthly import telling


@bp.route("/rate/<uuid:member_id>", methods=["GET", "POST"])
def rate(member_id: uuid.UUID) -> ResponseReturnValue:
    """Take what shall be paid from the next month on."""
    member = own_member(member_id)
    form = RateForm(data=_paid_now(member))
    if not form.is_submitted():
        return _page(member, form)
    chosen = form.chosen()
    declaration = asked_of_dues(chosen.amount) if chosen else None
    sound = form.validate()
    declared = declaration is None or declaration.validate()
    if not sound or not declared or chosen is None:
        return _page(member, form, declaration), 422
    try:
        _change(member, chosen, declaration.wording if declaration else None)
    except CannotChangeRate as error:
        if error.kind != "same":
            return _page(member, form), 409
        form.form_errors = [_("That is what you pay already.")]
        return _page(member, form), 422
    return redirect(url("mine.giving"), 303)


def _change(member: Member, chosen: Rate, declared: str | None) -> None:
    """Keep the wish, then tell Stripe. Where it does not hear us now, the worker goes on."""
    with transaction() as session:
        kept = rating.ask(
            session, member.id, chosen, declared=declared, who="member", now=clock.now()
        )
    if kept is not None:
        telling.tell(room().till.gateway, room().till.rules, kept.id)


def _paid_now(member: Member) -> dict[str, str]:
    with reading() as session:
        pays = rating.amount(session, member)
    rate = room().rules.rate(member.rate)
    if rate is not None and rate.amount == pays:
        return {"rate": member.rate}
    return {"rate": OWN_RATE, "own_amount": pays.plain}


def _page(member: Member, form: RateForm, declaration: DuesDeclarationForm | None = None) -> str:
    with reading() as session:
        pays, why_not = rating.amount(session, member), rating.hindrance(session, member)
    return render_template(
        "members/rate.html",
        member=member,
        pays=pays,
        why_not=why_not,
        form=form,
        declaration=declaration,
        rules=room().rules,
    )
