"""The treasurer's first page: what waits, the day's figures, finding a payment, its whole story."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.database import transaction
from core.forms import new_token, nonce_of
from core.guards import guard, staff
from core.money import Money
from payments import explaining, refunding, statuses
from payments.desk import edge, figures, finding, giving_back, listing, words
from payments.desk.finding import Filters
from payments.desk.forms import RefundForm, SearchForm, UndoEntryForm
from payments.desk.giving_back import MONEY, OneWaits, Want
from payments.explaining import NoSuchPayment, Step
from payments.forms import limits
from payments.models import Payment
from payments.offline import undoing
from payments.receipts import reference
from payments.sentences import sentence
from staff.door import keep_nothing
from staff.room import me

bp = guard(Blueprint("desk_money", __name__, url_prefix="/desk/money"), staff(*MONEY))
bp.after_request(keep_nothing)


@bp.get("")
def overview() -> ResponseReturnValue:
    """Show what waits and the day's figures, and the payments that the filters let through."""
    filters, before = _filters(), edge.cursor_of(request.args.get("before"))
    plain = filters == Filters() and before is None
    with transaction() as session:
        page = finding.listed(session, filters, before=before)
        day = figures.of_day(session, edge.today()) if plain else None
        waiting = figures.waiting(session) if plain else None
        edge.note(session, "look", "payments")
    return render_template(
        "desk/money/overview.html",
        page=page,
        day=day,
        waiting=waiting,
        filters=filters,
        form=SearchForm(formdata=None),
        words=words,
        reference=reference,
    )


@bp.post("")
def search() -> ResponseReturnValue:
    """Find payments; what was typed stays out of addresses, and so out of logs and histories."""
    form = SearchForm()
    asked = (form.q.data or "").strip()
    if not asked:
        return redirect(url("desk_money.overview"), 303)
    before = edge.cursor_of(request.form.get("before"))
    with transaction() as session:
        how, page = finding.search(session, asked, today=edge.today(), before=before)
        edge.note(session, "search", f"payments:{how}")
    if how == "id" and len(page.found) == 1:
        return redirect(url("desk_money.payment", payment_id=page.found[0].payment.id), 303)
    return render_template(
        "desk/money/found.html", page=page, how=how, form=form, words=words, reference=reference
    )


@bp.get("/payments/<uuid:payment_id>")
def payment(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Tell the whole story of a payment; the look is written down."""
    return _payment(payment_id)


@bp.post("/payments/<uuid:payment_id>/refund")
def refund(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for money of a payment to be given back, in part or whole."""
    form = RefundForm()
    nonce = nonce_of(form, _name_of(payment_id))
    if not form.validate() or nonce is None:
        return _payment(payment_id, refund_form=form), 422
    want = Want(payment_id, form.amount.parsed.pence, form.why.said, nonce, me().account_id)
    try:
        with transaction() as session:
            found = _found(session, payment_id)
            above = limits().second_person_above_pence
            if giving_back.known(session, want) is None:  # else the button was pressed twice
                giving_back.ask(session, want, above=above, rules=edge.rules(), now=clock.now())
                edge.note(session, "change", "refund-asked", found.pledge_id)
    except OneWaits:
        form.form_errors = [_("A wish to give money of this payment back waits already.")]
    except refunding.NotRefundable as error:
        form.form_errors = [words.not_back(error)]
    else:
        return redirect(url("desk_money.payment", payment_id=payment_id), 303)
    return _payment(payment_id, refund_form=form), 422


@bp.post("/payments/<uuid:payment_id>/undo")
def undo(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Book a payment back that came past Stripe: entered wrongly, bounced, given back by hand."""
    form = UndoEntryForm()
    nonce = nonce_of(form, _name_of(payment_id))
    if not form.validate() or nonce is None:
        return _payment(payment_id, undo_form=form), 422
    want = Want(payment_id, None, form.why.said, nonce, me().account_id, past_stripe=True)
    try:
        with transaction() as session:
            found = _found(session, payment_id)
            above, rules = limits().second_person_above_pence, edge.rules()
            if giving_back.known(session, want) is None:  # else the button was pressed twice
                wish = giving_back.ask(session, want, above=above, rules=rules, now=clock.now())
                done = "undone" if wish.state == "granted" else "undo-asked"
                edge.note(session, "change", f"offline-{done}", found.pledge_id)
    except undoing.NotOffline:
        abort(404)
    except OneWaits:
        return _payment(payment_id, notice=_("That it be undone waits for a second person.")), 409
    except undoing.AlreadyUndone:
        notice = _("It was undone before, once and for all; nothing has changed now.")
        return _payment(payment_id, notice=notice), 409
    return redirect(url("desk_money.payment", payment_id=payment_id), 303)


def _filters() -> Filters:
    """Return the filters of the address; what is none of ours is no page."""
    kind, state, of = (request.args.get(name) or None for name in ("kind", "state", "of"))
    if (kind and kind not in words.KINDS) or (state and state not in finding.STATES):
        abort(404)
    try:
        return Filters(kind, state, uuid.UUID(of) if of else None)
    except ValueError:
        abort(404)


def _found(session: Session, payment_id: uuid.UUID) -> Payment:
    try:
        return finding.one(session, payment_id)
    except NoSuchPayment:
        abort(404)


@dataclass(frozen=True, slots=True)
class _Open:
    """What can still be done about a payment: how much can be given back, or why nothing can."""

    left_pence: int
    why_not: str


def _open(session: Session, found: Payment) -> _Open:
    try:
        left = refunding.left_pence(session, found)
    except refunding.NotRefundable as error:
        return _Open(0, words.not_back(error))
    return _Open(left, "" if left > 0 else str(_("Nothing of it is left to give back.")))


def _payment(
    payment_id: uuid.UUID,
    *,
    refund_form: RefundForm | None = None,
    undo_form: UndoEntryForm | None = None,
    notice: str = "",
) -> str:
    """Draw the page of a payment; a form that came back stands on it as it was sent."""
    with transaction() as session:
        found = _found(session, payment_id)
        story = explaining.explain_one(session, found)
        wish = giving_back.waiting(session, payment_id)
        doing = _open(session, found)
        warned = listing.warned(session, payment_id)
        deciders = [edge.account(step.values.get("who")) for step in story.steps]
        names = edge.people(session, [*deciders, wish.asked_by if wish else None])
        edge.note(session, "look", "payment", found.pledge_id)
    return render_template(
        "desk/money/payment.html",
        payment=found,
        pledge=found.pledge,
        reference=reference(found.pledge_id),
        status=statuses.status_of(found),
        steps=[(step.at, _told(step, names)) for step in story.steps],
        wish=wish,
        names=names,
        mine=wish is not None and wish.asked_by == me().account_id,
        open=doing,
        warned=warned,
        above=limits().second_person_above_pence,
        refund_form=refund_form or _new_refund(payment_id, doing.left_pence),
        undo_form=undo_form or _new_undo(payment_id),
        form=refund_form or undo_form,
        notice=notice,
        words=words,
    )


def _told(step: Step, names: Mapping[str, str]) -> str:
    """Put a step into words; who of the staff decided is told by address."""
    values = dict(step.values)
    if "who" in values:
        values["who"] = names.get(values["who"], values["who"])
    return sentence(step.kind, values)


def _new_refund(payment_id: uuid.UUID, left_pence: int) -> RefundForm:
    data = {"amount": Money(left_pence).plain, "token": new_token(_name_of(payment_id))}
    return RefundForm(formdata=None, data=data)


def _new_undo(payment_id: uuid.UUID) -> UndoEntryForm:
    return UndoEntryForm(formdata=None, data={"token": new_token(_name_of(payment_id))})


def _name_of(payment_id: uuid.UUID) -> str:
    """Return the name of the form that gives a payment back: its token is good for no other."""
    return f"desk-refund:{payment_id}"
