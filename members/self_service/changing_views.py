"""Pausing a monthly gift, going on with it, giving another amount: for who opened a link."""

import uuid

from flask import redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock
from core.database import transaction
from core.money import Money
from members.room import room
from members.self_service import forms
from members.self_service.views import bp, own
from payments.monthly import telling, wishing
from payments.monthly.wishing import CannotChange, Wish


@bp.route("/pause/<uuid:agreement_id>", methods=["GET", "POST"])
def pause(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Take for how many months nothing shall be taken."""
    agreement, form = own(agreement_id), forms.PauseForm()
    if not agreement.can_be_paused:
        return redirect(url("mine.giving"), 303)
    if form.validate_on_submit():
        return _wish(agreement_id, Wish("pause", months=form.months.data))
    status = 422 if form.errors else 200
    return render_template("members/pause.html", agreement=agreement, form=form), status


@bp.post("/resume/<uuid:agreement_id>")
def resume(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Go on before the pause is over."""
    if not own(agreement_id).can_be_resumed:
        return redirect(url("mine.giving"), 303)
    return _wish(agreement_id, Wish("resume"))


@bp.route("/change/<uuid:agreement_id>", methods=["GET", "POST"])
def change(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Take how much shall be taken from the next month on."""
    agreement = own(agreement_id)
    if not agreement.can_be_changed:
        return redirect(url("mine.giving"), 303)
    without = Money(agreement.amount_pence - agreement.cover_pence)
    now_given = {"amount": without.plain, "cover_fee": agreement.cover_pence > 0}
    form = forms.ChangeForm(data=now_given)
    if form.validate_on_submit():
        return _wish(agreement_id, Wish("amount", amount=form.total(form.amount.parsed)))
    status = 422 if form.errors else 200
    page = render_template(
        "members/change.html",
        agreement=agreement,
        form=form,
        limits=forms.limits(),
        asks_for_fee=bool(forms.cover(without).pence),
    )
    return page, status


def _wish(agreement_id: uuid.UUID, wish: Wish) -> ResponseReturnValue:
    """Keep the wish, then tell Stripe. Where it does not hear us now, the worker goes on."""
    try:
        with transaction() as session:
            kept = wishing.ask(session, agreement_id, wish, now=clock.now())
    except CannotChange:  # as it is already, or under way: the page shows which
        return redirect(url("mine.giving"), 303)
    telling.tell(room().till.gateway, room().till.rules, kept.id)
    return redirect(url("mine.giving"), 303)
