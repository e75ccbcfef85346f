"""Deciding of people: applications that wait, and records that may be one person's."""

import uuid

from flask import Blueprint, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from core.reach import as_the_service
from members import accepting, states
from members.accepting import NothingPaid, NotWaiting
from members.desk import alike, words
from members.desk.forms import DeclineForm, MergeForm, NoteForm
from members.desk.person import ACCEPTED_AS, find, number_of
from members.desk.views import gone, nobody, show
from members.merging.deciding import CannotMerge
from members.merging.merging import Reason, merge
from members.merging.words import refusal
from members.protection.registry import registry
from members.room import room
from staff import auditing
from staff.auditing import Subject
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

bp = guard(
    Blueprint("desk_people_decisions", __name__, url_prefix="/desk/people/<uuid:member_id>"),
    staff(Role.ORGANISER, Role.ADMIN),
)
bp.after_request(keep_nothing)


@bp.post("/accept")
def accept(member_id: uuid.UUID) -> ResponseReturnValue:
    """Make an applicant who waits a member; who was one before is the same one again."""
    here, now = room(), clock.now()
    try:
        with transaction() as session:
            if find(session, me(), member_id) is None:
                return gone(member_id)
            with as_the_service(session):
                accepted = accepting.accept(
                    session, member_id, who=_who(), places=here.places, rules=here.rules, now=now
                )
            _record(session, accepted.id, "accepted")
            if accepted.id != member_id:
                _record(session, member_id, f"{ACCEPTED_AS}{accepted.id}")
            member_id = accepted.id
    except NotWaiting:
        return _back(member_id, "decided")
    except NothingPaid:
        return _back(member_id, "unpaid")
    return _back(member_id, "accepted")


@bp.post("/decline")
def decline(member_id: uuid.UUID) -> ResponseReturnValue:
    """Let an application end. The worker has its dues stopped."""
    form = DeclineForm()
    if not form.validate():
        note = NoteForm(formdata=None)
        note.anew()
        return show(member_id, note, 422, declining=form)
    why, rules = form.why.data or "", room().rules
    try:
        with transaction() as session:
            if find(session, me(), member_id) is None:
                return gone(member_id, why)
            with as_the_service(session):
                accepting.decline(
                    session, member_id, why=why, who=_who(), rules=rules, now=clock.now()
                )
            _record(session, member_id, "declined")
    except NotWaiting:
        return _decided(member_id, form)
    return _back(member_id, "declined")


def _decided(member_id: uuid.UUID, form: DeclineForm) -> ResponseReturnValue:
    """Say that it was decided meanwhile, with the reason; pressed twice, it is declined."""
    with reading() as session:
        last = states.last(session, member_id)
    if last and (last.kind, last.who, last.why) == ("declined", _who(), form.why.data):
        return _back(member_id, "declined")
    form.form_errors = [words.DONE_WORDS["decided"]]
    note = NoteForm(formdata=None)
    note.anew()
    return show(member_id, note, 409, declining=form)


@bp.get("/same/<uuid:other_id>")
def same(member_id: uuid.UUID, other_id: uuid.UUID) -> ResponseReturnValue:
    """Show two records side by side, and what can be decided of them."""
    return _same(member_id, other_id, MergeForm(formdata=None))


@bp.post("/same/<uuid:other_id>")
def make_one(member_id: uuid.UUID, other_id: uuid.UUID) -> ResponseReturnValue:
    """Make one record of two."""
    form = MergeForm()
    form.records = (str(member_id), str(other_id))
    if not form.validate():
        return _same(member_id, other_id, form, 422)
    keep = member_id if form.keep.data == str(member_id) else other_id
    lose = other_id if keep == member_id else member_id
    reason = Reason(form.why.data or "", _who(), clock.now())
    try:
        with transaction() as session:
            if not alike.both(session, me(), keep, lose):
                return _gone(member_id, other_id, reason.why)
            with as_the_service(session):
                merge(session, keep, lose, reason, rules=room().rules, keys=registry().keys)
            _record(session, keep, "merged")
    except CannotMerge as error:
        form.form_errors = [refusal(error)]
        return _same(member_id, other_id, form, 409)
    return _back(keep, "merged")


@bp.post("/two/<uuid:other_id>")
def two_people(member_id: uuid.UUID, other_id: uuid.UUID) -> ResponseReturnValue:
    """Keep that they are two people, so that nobody is asked again."""
    with transaction() as session:
        if not alike.both(session, me(), member_id, other_id):
            return _gone(member_id, other_id, None)
        if alike.settle(session, member_id, other_id, now=clock.now()):
            _record(session, member_id, "two-people")
    return _back(member_id, "two")


def _same(
    member_id: uuid.UUID, other_id: uuid.UUID, form: MergeForm, status: int = 200
) -> ResponseReturnValue:
    with transaction() as session:
        pair = alike.look(session, me(), member_id, other_id, now=clock.now())
    if not pair:
        return _gone(member_id, other_id, form.why.data)
    form.keep.choices = [
        (str(each.member.id), f"{each.member.name}, {number_of(each.member.id)}") for each in pair
    ]
    page = render_template(
        "desk/people/same.html",
        form=form,
        pair=pair,
        other_id=other_id,
        back=url("desk_people.one", member_id=member_id),
        **words.for_pages(),
    )
    return page, status


def _gone(member_id: uuid.UUID, other_id: uuid.UUID, typed: str | None) -> ResponseReturnValue:
    """Lead on to who is left where they became one meanwhile; else there is nobody such here."""
    with reading() as session:
        kept = alike.became_one(session, me(), member_id, other_id)
    return _back(kept, "merged") if kept is not None else nobody(typed)


def _who() -> str:
    return f"staff:{me().account_id}"


def _record(session: Session, member_id: uuid.UUID, what: str) -> None:
    auditing.record(
        session,
        "change",
        by=me().account_id,
        now=clock.now(),
        subject=Subject("member", member_id),
        detail=what,
    )


def _back(member_id: uuid.UUID, done: str) -> ResponseReturnValue:
    return redirect(url("desk_people.one", member_id=member_id, done=done), 303)
