"""The pages of today: shelves of cards, one card, and what came of it."""

import uuid
from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.clock import day_in_london
from core.database import transaction
from core.guards import guard, staff
from members import states
from members.desk.person import find, kept_as
from members.desk.places import MOST_ID
from members.desk.views import gone, nobody
from members.enquiries import Enquirer
from members.models import Member
from members.today import badge, gatherings, looking, rules, shelves, sources, stepping, words
from members.today import cards as showing
from members.today.forms import StepForm
from members.today.gatherings import NoMeeting
from members.today.room import room
from members.today.shelves import Desk, Place
from members.today.stepping import AlreadyOnIt, NotYours, OvertakenStep, StaleCard
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

RINGERS = (Role.ORGANISER, Role.ADMIN)
_CLAIM, _RELEASE = "claim", "release"
_NOT_STEPS = (_CLAIM, _RELEASE, rules.UNDO)
_Found = Member | Enquirer | None
_Find = Callable[[Session], _Found]

bp = guard(Blueprint("desk_today", __name__, url_prefix="/desk/today"), staff(*RINGERS))
bp.after_request(keep_nothing)


@bp.get("")
def cards() -> ResponseReturnValue:
    """Show a page of a shelf: the first with anybody on it, unless one is asked for."""
    asked, after = request.args.get("shelf", ""), _place(request.args.get("after", ""))
    done = request.args.get("done", 0, type=int)
    with transaction() as session:
        shown = looking.look(session, _desk(), room().enquiries, asked, after, done)
    badge.keep(shelves.waiting(shown.counts))
    return render_template(
        "desk/today/list.html",
        shown=shown,
        undone=request.args.get("undone") == "yes",
        counted=shelves.COUNTED,
        form=_anew(),
        **words.for_pages(),
    )


@bp.get("/people/<uuid:member_id>")
def member(member_id: uuid.UUID) -> ResponseReturnValue:
    """Show the card of a member; the look is written down."""
    return _show(_member(member_id), _anew())


@bp.get("/texts/<int:enquiry_id>")
def texter(enquiry_id: int) -> ResponseReturnValue:
    """Show the card of somebody who texted; the look is written down."""
    return _show(_texter(enquiry_id), _anew())


@bp.post("/people/<uuid:member_id>")
def step_of_member(member_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what came of a member's card."""
    return _act(_member(member_id))


@bp.post("/texts/<int:enquiry_id>")
def step_of_texter(enquiry_id: int) -> ResponseReturnValue:
    """Keep what came of a texter's card."""
    return _act(_texter(enquiry_id))


def _act(found: _Find) -> ResponseReturnValue:
    """Do what the button says, unless something has happened to the card meanwhile."""
    form = StepForm()
    form.today = day_in_london(clock.now())
    if form.step.data not in _NOT_STEPS and not form.validate():
        return _show(found, form, 422)
    try:
        with transaction() as session:
            subject = found(session)
            answer = _done(session, subject, form) if subject is not None else None
    except (AlreadyOnIt, NoMeeting, NotYours, OvertakenStep, StaleCard) as meanwhile:
        form.form_errors = [_told(meanwhile)]
        return _show(found, form, 409)
    return answer or _nobody(form)


def _done(session: Session, subject: Member | Enquirer, form: StepForm) -> ResponseReturnValue:
    """Do what the button says to a card."""
    now, reason = clock.now(), _reason(subject)
    card = stepping.touch(session, me(), reason, subject)
    if form.step.data == _CLAIM:
        stepping.claim(session, me(), subject, card, now=now)
        return redirect(_card_url(subject, reason), 303)
    if form.step.data == _RELEASE:
        stepping.release(session, me(), subject, card, now=now)
        return redirect(_card_url(subject, reason), 303)
    if form.step.data == rules.UNDO:
        stepping.undo(session, me(), subject, card, form.step_id, now=now)
        return redirect(url("desk_today.cards", shelf=_shelf(), undone="yes"), 303)
    gatherings.check(session, subject.branch_id, form.meeting, today=form.today)
    step = stepping.Step(form.step.data or "", form.number, form.their_day, form.note.data or "")
    taken = stepping.take(session, me(), subject, card, step, seen=form.version, now=now)
    return redirect(url("desk_today.cards", shelf=_shelf(), done=taken.id), 303)


def _told(meanwhile: Exception) -> str:
    """Say in words why nothing was changed."""
    told = {
        StaleCard: _(
            "Somebody has noted something on this card since you opened it, and nothing of yours is"
            " kept yet. Read below what they noted; what you typed is still here."
        ),
        NotYours: _("Somebody else noted that, so only they can take it back. Ask them."),
        OvertakenStep: _("Something has been noted since, so this can no longer be taken back."),
        AlreadyOnIt: _("Somebody else said a moment ago that they are on it."),
        NoMeeting: _(
            "The branch has changed its meetings since you opened this card, and nothing of yours"
            " is kept yet. Choose one of those below, or another day."
        ),
    }
    return str(told[type(meanwhile)])


def _show(found: _Find, form: StepForm, status: int = 200) -> ResponseReturnValue:
    """Show one card, with its form as it stands."""
    desk, today = _desk(), day_in_london(clock.now())
    with transaction() as session:
        subject = found(session)
        if subject is None:
            return _nobody(form)
        card = looking.card(session, desk, room().enquiries, subject, _reason(subject))
        past = showing.history(session, desk, card)
    form.seen.data = str(card.version)
    page = render_template(
        "desk/today/card.html",
        card=card,
        past=past,
        form=form,
        meetings=gatherings.upcoming(card.meets, today=today),
        off=gatherings.is_off(card.meets, card.day, today=today),
        gone=card.state in states.GONE,
        today=today,
        shelf=_shelf(),
        mine=me().email,
        **words.for_pages(),
    )
    return page, status


def _nobody(form: StepForm) -> ResponseReturnValue:
    """Say that nobody is here, or where who became one with another record is now."""
    member_id = (request.view_args or {}).get("member_id")
    return gone(member_id, form.note.data) if member_id else nobody(form.note.data)


def _member(member_id: uuid.UUID) -> _Find:
    """Return how a member is found; whose record became one with another is found as that."""

    def found(session: Session) -> Member | None:
        member = find(session, me(), member_id)
        kept = kept_as(session, me(), member_id) if member is None else None
        return find(session, me(), kept) if kept is not None else member

    return found


def _texter(enquiry_id: int) -> _Find:
    def found(session: Session) -> Enquirer | None:
        if enquiry_id >= MOST_ID:
            return None
        return room().enquiries.one(session, me(), enquiry_id, lock=request.method == "POST")

    return found


def _reason(subject: Member | Enquirer) -> str:
    """Return for which reason the card is asked for: of who texted there is but one.

    Who applied has a card as an applicant until they are a member, and from then on as one who
    joined.
    """
    if not isinstance(subject, Member):
        return rules.REASONS[0]
    asked = request.values.get("why", "")
    if subject.state == "applied":
        return "applied"
    return asked if asked in rules.REASONS[2:] else "joined"


def _shelf() -> str | None:
    asked = request.values.get("shelf", "")
    return asked if asked in rules.SHELVES else None


def _card_url(subject: Member | Enquirer, reason: str) -> str:
    if isinstance(subject, Member):
        return url("desk_today.member", member_id=subject.id, why=reason, shelf=_shelf())
    return url("desk_today.texter", enquiry_id=subject.id, shelf=_shelf())


def _desk() -> Desk:
    return Desk(me(), clock.now(), room().quiet)


def _anew() -> StepForm:
    form = StepForm(formdata=None)
    form.anew()
    return form


def _place(text: str) -> Place | None:
    """Read where a page goes on; None for anything that no page of ours says."""
    kind, _dash, known_as = text.partition("-")
    return Place(kind, known_as) if kind in sources.KINDS else None
