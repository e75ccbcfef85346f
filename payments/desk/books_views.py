"""Payouts, disputes, gifts above the law's threshold, and the months, for the treasurer."""

import csv
import datetime as dt
import io
import re
import uuid

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from payments import stating
from payments.desk import edge, listing, words
from payments.desk.forms import CheckForm
from payments.desk.giving_back import MONEY
from payments.law import deciding
from payments.law import listing as checking
from payments.law.listing import Entry
from payments.models import Payment, PermissibilityCheck
from payments.offline.entering import FIRST_DAY
from payments.receipts import reference
from staff.door import keep_nothing
from staff.room import me

_A_PAGE = 25
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
bp = guard(Blueprint("desk_books", __name__, url_prefix="/desk/money"), staff(*MONEY))
bp.after_request(keep_nothing)


@bp.get("/payouts")
def payouts() -> ResponseReturnValue:
    """List what Stripe paid out, and whether the bank's own file has it."""
    with reading() as session:
        page = listing.payouts(session, before=edge.cursor_of(request.args.get("before")))
    return render_template("desk/money/payouts.html", page=page, words=words)


@bp.get("/disputes")
def disputes() -> ResponseReturnValue:
    """List what payers' banks argue about, by the day an answer is due, and warnings of fraud."""
    show, after = request.args.get("show") or None, edge.row_asked()
    if show not in (None, "warnings", *listing.DISPUTES):
        abort(404)
    before = edge.number_asked("before")
    shown = [show] if show else [*listing.DISPUTES]
    with transaction() as session:
        parts = {
            each: listing.disputes(session, each, after=after if show else None)
            for each in shown
            if each != "warnings"
        }
        wanted = show in (None, "warnings")
        warnings = listing.warnings(session, before=before) if wanted else None
        edge.note(session, "look", "disputes")
    return render_template(
        "desk/money/disputes.html",
        parts=parts,
        warnings=warnings,
        show=show,
        reference=reference,
        now=clock.now(),
        at_stripe=_dashboard(),
        words=words,
    )


@bp.get("/checks")
def checks() -> ResponseReturnValue:
    """List the gifts above the threshold that are still to be decided on, with their clock."""
    return _checks()


@bp.post("/checks/<uuid:payment_id>")
def check(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Decide that a gift above the threshold is kept, or has to go back."""
    form = CheckForm()
    try:
        with transaction() as session:
            deciding.marked(session, payment_id)
            kept = _decide(session, payment_id, form) if form.validate() else None
    except deciding.NotMarked:
        abort(404)
    except deciding.GoneAlready:
        told = _("The money has gone back, so it cannot be kept.")
        return _checks(payment_id, form, notice=told), 409
    if form.errors:
        return _checks(payment_id, form), 422
    if kept is None:
        return _checks(payment_id, form, notice=_changed(payment_id)), 409
    return redirect(url("desk_money.payment", payment_id=payment_id), 303)


@bp.get("/months")
def months() -> ResponseReturnValue:
    """List the months of which there is a statement."""
    with reading() as session:
        found = listing.months(session, today=edge.today())
    return render_template("desk/money/months.html", months=found)


@bp.get("/months/<month>")
def month(month: str) -> ResponseReturnValue:
    """State a month, for reading and for paper."""
    first = _first_of(month)
    with reading() as session:
        found = stating.month(session, first.year, first.month)
    return render_template("desk/money/month.html", statement=found, month=month, words=words)


@bp.get("/months/<month>/csv")
def month_as_csv(month: str) -> ResponseReturnValue:
    """State a month as CSV, in pence; that it was taken out is written down."""
    first = _first_of(month)
    with transaction() as session:
        found = stating.month(session, first.year, first.month)
        edge.note(session, "export", f"statement:{month}")
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(stating.rows(found))
    answer = Response(file.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{month}.csv"'
    return answer


def _first_of(month: str) -> dt.date:
    """Return the first day of a month that has begun; another is no page."""
    if not _MONTH.fullmatch(month):
        abort(404)
    try:
        first = dt.date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(404)
    if not FIRST_DAY <= first <= edge.today():
        abort(404)
    return first


def _decide(session: Session, payment_id: uuid.UUID, form: CheckForm) -> bool | None:
    """Keep a decision; None where another has been made since the form was shown."""
    decide = deciding.accept if form.decision.data == "accept" else deciding.give_back
    state = "accepted" if form.decision.data == "accept" else "returned"
    marked = deciding.marked(session, payment_id)
    who = str(me().account_id)
    if _as_seen(marked) != form.seen.data:
        return True if (marked.state, marked.who) == (state, who) else None
    decide(session, payment_id, why=form.why.said, who=who, now=clock.now())
    pledge_id = session.get_one(Payment, payment_id).pledge_id
    edge.note(session, "change", f"check-{state}", pledge_id)
    return True


def _as_seen(marked: PermissibilityCheck) -> str:
    """Return by what a form knows how a check stood when it was shown."""
    decided = marked.decided_at
    return f"{marked.state}:{decided.isoformat() if decided else ''}"


def _changed(payment_id: uuid.UUID) -> str:
    with reading() as session:
        marked = deciding.marked(session, payment_id)
        names = edge.people(session, [edge.account(marked.who)])
    return str(
        _(
            "Meanwhile %(who)s has decided otherwise (%(why)s). Nothing of yours was kept: look "
            "at it once more, and decide again if it has to be.",
            who=names.get(marked.who or "") or marked.who or _("somebody"),
            why=marked.why or "",
        )
    )


def _checks(
    payment_id: uuid.UUID | None = None, form: CheckForm | None = None, notice: str = ""
) -> str:
    """Draw the list of checks; a form that came back stands at its own payment."""
    with transaction() as session:
        after = edge.number_asked("after")
        entries = checking.entries(session, most=_A_PAGE + 1, after=after)
        found = entries[:_A_PAGE]
        names = edge.people(session, [edge.account(each.check.who) for each in found])
        edge.note(session, "look", "checks")
    forms = {each.payment.id: _new_check(each) for each in found}
    kept = form.why.data if form is not None else ""
    if form is not None and payment_id in forms:
        form.seen.data = forms[payment_id].seen.data
        forms[payment_id] = form
        if any(each.payment.id == payment_id and each.check.state == "waiting" for each in found):
            kept = ""  # it stands in its form
    return render_template(
        "desk/money/checks.html",
        entries=found,
        more=found[-1].check.id if len(entries) > _A_PAGE else None,
        forms=forms,
        form=form,
        names=names,
        today=edge.today(),
        notice=notice,
        kept=kept,
        reference=reference,
        words=words,
    )


def _new_check(entry: Entry) -> CheckForm:
    prefix = f"check-{entry.check.id}-"
    form = CheckForm(formdata=None, data={"seen": _as_seen(entry.check)})
    for field in form:
        field.id = f"{prefix}{field.name}"
    return form


def _dashboard() -> str:
    """Return where Stripe shows its own pages of what we have."""
    live = "" if edge.rules().livemode else "/test"
    return f"https://dashboard.stripe.com{live}"
