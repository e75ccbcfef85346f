"""The moderator's pages: what waits to be read, what was decided, and the word on each."""

import uuid

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from payments.desk import edge, moderating
from payments.desk.forms import HideForm
from payments.desk.moderating import ChangedMeanwhile, Decided, Verdict
from payments.models import Pledge
from payments.wall.deciding import NoSuchMessage, NotPaidYet
from payments.wall.wording import FLAGS
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

_MOST_ID = 2**31 - 1  # what the database counts decisions up to
MESSAGES = (Role.MODERATOR, Role.ADMIN)
bp = guard(Blueprint("desk_messages", __name__, url_prefix="/desk/messages"), staff(*MESSAGES))
bp.after_request(keep_nothing)


@bp.get("")
def queue() -> ResponseReturnValue:
    """Show the messages that wait, oldest first; after a decision, with a way to take it back."""
    try:
        last = uuid.UUID(request.args["last"]) if "last" in request.args else None
    except ValueError:
        abort(404)
    return _queue(last=last)


@bp.get("/decided")
def decided() -> ResponseReturnValue:
    """Show what was decided lately, newest first, each with a way to take it back."""
    before = request.args.get("before", type=int)
    bounded = max(0, min(before, _MOST_ID)) if before is not None else None
    with transaction() as session:
        found = moderating.decided(session, before=bounded)
        names = edge.people(session, [edge.account(each.decision.who) for each in found])
        edge.note(session, "look", "messages")
    return render_template(
        "desk/messages/decided.html",
        decided=found[: moderating.A_PAGE],
        more=len(found) > moderating.A_PAGE,
        names=names,
    )


@bp.post("/<uuid:pledge_id>/approve")
def approve(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Let a message be shown on the wall."""
    return _decide(pledge_id, "approve")


@bp.post("/<uuid:pledge_id>/hide")
def hide(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a message off the wall, for a reason."""
    form = HideForm()
    if not form.validate():
        _refuse_unknown(pledge_id)
        return _queue(hiding=pledge_id, form=form), 422
    return _decide(pledge_id, "hide", why=form.why.said)


@bp.post("/<uuid:pledge_id>/undo")
def undo(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Take the decision on a message back: it waits to be read again."""
    return _decide(pledge_id, "undo")


def _decide(pledge_id: uuid.UUID, decision: str, why: str = "") -> ResponseReturnValue:
    seen = request.form.get("seen", "")
    is_id = seen.isascii() and seen.isdigit() and len(seen) <= len(str(_MOST_ID))
    known = int(seen) if is_id else -1
    verdict = Verdict(decision, str(me().account_id), known, why)
    try:
        with transaction() as session:
            if moderating.decide(session, pledge_id, verdict, now=clock.now()):
                edge.note(session, "change", f"message-{decision}", pledge_id)
    except NoSuchMessage:
        _refuse_unknown(pledge_id)
        told = _("That message is not here any more: it was erased meanwhile.")
        return _queue(notice=told, kept=why), 409
    except NotPaidYet:
        return _queue(notice=_("The money for that message has not come yet."), kept=why), 409
    except ChangedMeanwhile as changed:
        return _queue(notice=_told(changed), kept=why, last=pledge_id), 409
    return redirect(url("desk_messages.queue", last=pledge_id), 303)


def _refuse_unknown(pledge_id: uuid.UUID) -> None:
    """Let what there never was be no page; a message that was erased is told of in words."""
    with reading() as session:
        if session.get(Pledge, pledge_id) is None:
            abort(404)


def _told(changed: ChangedMeanwhile) -> str:
    """Say what somebody else has decided since the page was drawn."""
    if not changed.decision:
        return str(_("Something changed meanwhile. Nothing of yours was kept; look again."))
    with transaction() as session:
        names = edge.people(session, [edge.account(changed.who)])
    who = names.get(changed.who) or _("somebody else")
    said: dict[str, str] = {
        "approve": _("Meanwhile %(who)s has approved that message.", who=who),
        "hide": _("Meanwhile %(who)s has hidden that message: %(why)s.", who=who, why=changed.why),
        "undo": _("Meanwhile %(who)s has taken the decision on that message back.", who=who),
    }
    return said[changed.decision] + " " + str(_("Nothing of yours was kept."))


def _queue(
    *,
    last: uuid.UUID | None = None,
    hiding: uuid.UUID | None = None,
    form: HideForm | None = None,
    notice: str = "",
    kept: str = "",
) -> str:
    """Draw the queue; a reason that came back stands at its own message, or, `kept`, above all."""
    after = edge.cursor_of(request.args.get("after"))
    with transaction() as session:
        page = moderating.queue(session, after=after)
        done: Decided | None = moderating.last(session, last) if last else None
        names = edge.people(session, [edge.account(done.decision.who)] if done else [])
        edge.note(session, "look", "messages")
    return render_template(
        "desk/messages/queue.html",
        page=page,
        done=done,
        names=names,
        hiding=hiding,
        form=form,
        notice=notice,
        kept=kept,
        flags=FLAGS,
    )
