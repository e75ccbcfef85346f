"""What the books would not take: shown with what to do, and settled with a reason."""

import uuid

from flask import Blueprint, abort, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from payments.desk import edge, holding, words
from payments.desk.forms import HeldForm
from payments.desk.giving_back import MONEY
from payments.desk.holding import NotHeld
from payments.models import HeldSettlement, Pledge
from payments.receipts import reference
from staff.door import keep_nothing
from staff.room import me

bp = guard(Blueprint("desk_held", __name__, url_prefix="/desk/money/held"), staff(*MONEY))
bp.after_request(keep_nothing)


@bp.get("")
def waiting() -> ResponseReturnValue:
    """List what is held for a person to look at, with why and what to do."""
    return _waiting()


@bp.post("/<uuid:pledge_id>")
def settle(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Say that something held was put right at Stripe, or have it looked at again."""
    form = HeldForm()
    if not form.validate():
        _refuse_unknown(pledge_id)
        return _waiting(pledge_id, form), 422
    decided = HeldSettlement(
        pledge_id=pledge_id,
        because=form.because.data or "",
        decision=form.decision.data,
        why=form.why.said,
        who=str(me().account_id),
    )
    try:
        with transaction() as session:
            if holding.settle(session, decided, now=clock.now()):
                edge.note(session, "change", f"held-{decided.decision}", pledge_id)
    except NotHeld:
        _refuse_unknown(pledge_id)
        return _waiting(notice=_("It does not stand so any more. Nothing of yours was kept.")), 409
    return redirect(url("desk_held.waiting"), 303)


def _refuse_unknown(pledge_id: uuid.UUID) -> None:
    """Let what there never was be no page."""
    with reading() as session:
        if session.get(Pledge, pledge_id) is None:
            abort(404)


def _waiting(
    pledge_id: uuid.UUID | None = None, form: HeldForm | None = None, notice: str = ""
) -> str:
    """Draw the list; a form that came back stands at its own pledge."""
    with transaction() as session:
        page = holding.held(session, after=edge.row_asked())
        others = holding.others(session)
        edge.note(session, "look", "held")
    forms = {each.pledge.id: _new(each.pledge) for each in page.found}
    if form is not None and pledge_id in forms:
        for field in form:
            field.id = forms[pledge_id][field.name].id
        form.because.data = forms[pledge_id].because.data
        forms[pledge_id] = form
    return render_template(
        "desk/money/held.html",
        page=page,
        others=others,
        forms=forms,
        form=form,
        notice=notice,
        reference=reference,
        words=words,
    )


def _new(pledge: Pledge) -> HeldForm:
    form = HeldForm(formdata=None, data={"because": pledge.held_because})
    for field in form:
        field.id = f"held-{pledge.id}-{field.name}"
    return form
