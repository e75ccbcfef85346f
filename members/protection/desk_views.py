"""The admins' desk of requests and complaints with their clocks, and of what goes by clock."""

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import clock
from core.clock import day_in_london
from core.database import reading, transaction
from core.guards import guard, staff
from members.protection import asking, retaining
from members.protection.asking import NoSuchRequest, TooLateToExtend
from members.protection.desk_forms import DoneForm, ExtendForm
from members.protection.forms import REQUESTS
from members.protection.models import PrivacyRequest
from members.protection.registry import registry
from staff import auditing
from staff.auditing import Subject
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

MOST_ID = 2**31
requests = guard(
    Blueprint("desk_requests", __name__, url_prefix="/desk/requests"), staff(Role.ADMIN)
)
retention = guard(
    Blueprint("desk_retention", __name__, url_prefix="/desk/retention"), staff(Role.ADMIN)
)
for _each in (requests, retention):
    _each.after_request(keep_nothing)


@requests.get("")
def every() -> ResponseReturnValue:
    """Show what waits, what is due first at the top, and what was done last."""
    now = clock.now()
    with transaction() as session:
        waiting, done = asking.waiting(session), asking.done_last(session)
        auditing.record(session, "search", by=me().account_id, now=now, detail="requests")
    today = day_in_london(now)
    return render_template(
        "desk/requests.html",
        waiting=[(each, asking.clock_of(each, today)) for each in waiting],
        done=done,
        kinds=REQUESTS,
    )


@requests.get("/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Show one request; the look is written down."""
    with transaction() as session:
        found = _found(session, number)
        _note(session, "look", found)
    return _one(found, DoneForm(formdata=None), ExtendForm(formdata=None))


@requests.post("/<int:number>/confirm")
def confirm(number: int) -> ResponseReturnValue:
    """Note that its sender was told that we have it."""
    return _change(number, "confirmed", lambda session: asking.confirm(session, number, now=_now()))


@requests.post("/<int:number>/extend")
def extend(number: int) -> ResponseReturnValue:
    """Note that its sender was told why it takes longer."""
    form = ExtendForm()
    if not form.validate():
        return _again(number, DoneForm(formdata=None), form, 422)

    def change(session: Session) -> bool:
        return asking.extend(session, number, why=form.why.data or "", now=_now())

    try:
        return _change(number, "extended", change)
    except (TooLateToExtend, NoSuchRequest):
        form.form_errors = [
            _("This can be extended no more: it is answered, extended already, or past its day.")
        ]
        return _again(number, DoneForm(formdata=None), form, 409)


@requests.post("/<int:number>/done")
def finish(number: int) -> ResponseReturnValue:
    """Note what came of it; its clock stops."""
    form = DoneForm()
    if not form.validate():
        return _again(number, form, ExtendForm(formdata=None), 422)

    def change(session: Session) -> bool:
        return asking.finish(session, number, outcome=form.outcome.data or "", now=_now())

    try:
        return _change(number, "done", change)
    except NoSuchRequest:
        form.form_errors = [_("Somebody noted an outcome of this before you. Yours is not kept.")]
        return _again(number, form, ExtendForm(formdata=None), 409)


_KEPT = {
    "unpaid_pledge_days": _l("What somebody set out to give and did not pay"),
    "application_days": _l("Who set out to join and did not pay"),
    "notice_days": _l("What Stripe told us, as it came"),
    "letter_days": _l("To whom a letter went, and what it said"),
    "link_days": _l("Links to somebody's own pages, once they are over"),
    "put_aside_days": _l("Payments put aside under attack"),
    "request_days": _l("Requests and complaints, once they are answered"),
    "text_days": _l("What was texted, and the enquiry that it became"),
}
"""What each period is of. A setting that is no period, the end of the year, has no words."""


@retention.get("")
def kept() -> ResponseReturnValue:
    """Show what goes at the next run, and what went; what is due now is counted where asked."""
    now, here = clock.now(), registry()
    counted = retaining.dry_run(here, now=now) if request.args.get("count") == "now" else None
    with reading() as session:
        runs = retaining.last_runs(session)
    return render_template(
        "desk/retention.html",
        runs=runs,
        next_at=runs[0].at + retaining.EVERY if runs else None,
        counted=counted,
        periods={words: here.periods()[name] for name, words in _KEPT.items()},
        now=now,
    )


def _change(number: int, what: str, change: Callable[[Session], bool]) -> ResponseReturnValue:
    with transaction() as session:
        found = _found(session, number)
        if change(session):
            _note(session, "change", found, f"request:{what}")
    return redirect(url("desk_requests.one", number=number), 303)


def _again(number: int, done: DoneForm, longer: ExtendForm, status: int) -> ResponseReturnValue:
    with reading() as session:
        found = _found(session, number)
    return _one(found, done, longer), status


def _one(found: PrivacyRequest, done: DoneForm, longer: ExtendForm) -> str:
    today = day_in_london(clock.now())
    return render_template(
        "desk/request.html",
        found=found,
        clock=asking.clock_of(found, today),
        until=asking.could_wait_until(found, today),
        done=done,
        longer=longer,
        kinds=REQUESTS,
    )


def _found(session: Session, number: int) -> PrivacyRequest:
    found = session.get(PrivacyRequest, number) if number < MOST_ID else None
    if found is None:
        abort(404)
    return found


def _note(session: Session, kind: str, found: PrivacyRequest, detail: str = "") -> None:
    subject = Subject("privacy-request", found.id)
    by = me().account_id
    auditing.record(session, kind, by=by, now=_now(), subject=subject, detail=detail)


def _now() -> dt.datetime:
    return clock.now()
