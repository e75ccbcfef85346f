"""Gifts that came past Stripe, for the treasurer: what was entered, and entering one more."""

import uuid
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.forms import options
from core.guards import guard, staff
from payments.desk import edge, listing, words
from payments.desk.forms import EntryForm
from payments.desk.giving_back import MONEY
from payments.models import Appeal, Payment
from payments.models.money import OFFLINE_METHODS
from payments.offline import entering, hand
from payments.offline.booking import LooksLike
from payments.offline.entering import BadEntry
from payments.offline.hand import NotEntered
from payments.receipts import reference
from staff.door import keep_nothing

_MOST_ALIKE = 10_000
bp = guard(Blueprint("desk_offline", __name__, url_prefix="/desk/money/offline"), staff(*MONEY))
bp.after_request(keep_nothing)


@bp.get("")
def entries() -> ResponseReturnValue:
    """List what was entered, the latest received first; filters are links."""
    method = request.args.get("method") or None
    if method and method not in OFFLINE_METHODS:
        abort(404)
    with transaction() as session:
        page = listing.entered(session, method=method, before=edge.row_asked())
        edge.note(session, "look", "offline")
    return render_template(
        "desk/money/offline.html",
        entries=page.found,
        more=page.more,
        method=method,
        reference=reference,
        words=words,
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for a gift in cash, by cheque, or straight to the bank."""
    today = edge.today().isoformat()
    with reading() as session:
        form = EntryForm(formdata=None, data={"received": today, "method": "cash"})
        form.appeal.choices = purposes(session)
        return _new(form)


@bp.post("/new")
def enter() -> ResponseReturnValue:
    """Enter a gift. What looks like one entered before is asked about first."""
    form = EntryForm()
    with reading() as session:
        form.appeal.choices = purposes(session)
    try:
        draft = entering.read(form.typed(), today=edge.today(), spelled=edge.spelled)
        with transaction() as session:
            (entered,) = hand.enter(
                session,
                [draft],
                again=False,
                known_alike=_alike(form),
                rules=edge.rules(),
                now=clock.now(),
            )
            edge.note(session, "change", "offline-entered", entered.payment.pledge_id)
    except BadEntry as error:
        form.tell(error.faults)
    except NotEntered as error:
        return _not_entered(form, error)
    except LooksLike:
        form.form_errors = [_("Somebody has just entered the same; look at the list.")]
    else:
        return redirect(url("desk_money.payment", payment_id=entered.payment.id), 303)
    return _new(form), 422


def purposes(session: Session) -> list[Any]:
    """Return the appeals to choose from, those that end last first, and none of them."""
    found = session.scalars(select(Appeal).order_by(Appeal.starts.desc(), Appeal.id))
    named = {each.slug: each.title for each in found}
    return options({**named, "": _("None: these are dues")})


def _alike(form: EntryForm) -> int:
    """Return with how many like gifts somebody has said that this is another one."""
    told = form.alike.data or ""
    known = int(told) if told.isascii() and told.isdigit() and len(told) < len("10000") else 0
    return min(known, _MOST_ALIKE) if form.again.data else 0


def _not_entered(form: EntryForm, error: NotEntered) -> ResponseReturnValue:
    """Show what is in the way; what this looks like stands there with a link."""
    faults = [found for _number, found in error.faults]
    form.tell([each for each in faults if each.why != "looks-like"])
    alike = next((each for each in faults if each.why == "looks-like"), None)
    like = None
    if alike is not None:
        form.alike.data, form.again.data = str(alike.count), False
        form.again.errors = [words.fault(alike, "")]
        with reading() as session:
            like = session.get(Payment, uuid.UUID(alike.detail))
    return _new(form, like), 422


def _new(form: EntryForm, like: Payment | None = None) -> str:
    return render_template("desk/money/entry.html", form=form, like=like, words=words)
