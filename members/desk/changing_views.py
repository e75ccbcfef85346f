"""Changing what is kept of a person: details, notes, and where they belong."""

import uuid

from flask import Blueprint, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from members.desk import editing, noting, places, transferring, words
from members.desk.editing import ChangedMeanwhile
from members.desk.forms import DetailsForm, NoteForm, TransferForm
from members.desk.person import find, note_look
from members.desk.transferring import AlreadyThere, MovedMeanwhile, NoSuchPlace
from members.desk.views import gone, show
from members.models import Member
from members.room import room
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

bp = guard(
    Blueprint("desk_people_changes", __name__, url_prefix="/desk/people/<uuid:member_id>"),
    staff(Role.ORGANISER, Role.ADMIN),
)
bp.after_request(keep_nothing)


@bp.post("/notes")
def note(member_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a note."""
    form = NoteForm()
    if not form.validate():
        return show(member_id, form, 422)
    with transaction() as session:
        member = find(session, me(), member_id)
        if member is None:
            return gone(member_id, form.text.data)
        text = form.text.data or ""
        noting.add(session, me(), member, text, nonce=form.number, now=clock.now())
    return _back(member_id, "noted", "notes")


@bp.post("/notes/<int:note_id>/strike")
def strike(member_id: uuid.UUID, note_id: int) -> ResponseReturnValue:
    """Strike a note of one's own out."""
    with transaction() as session:
        member = find(session, me(), member_id)
        known = note_id < places.MOST_ID
        if member is None or not known:
            return gone(member_id)
        if not noting.strike(session, me(), member, note_id, now=clock.now()):
            return gone(member_id)
    return _back(member_id, "struck", "notes")


@bp.get("/details")
def details(member_id: uuid.UUID) -> ResponseReturnValue:
    """Show the form of how somebody can be reached."""
    form = DetailsForm(formdata=None)
    with reading() as session:
        member = find(session, me(), member_id)
    if member is None:
        return gone(member_id)
    form.fill(member)
    return _details(member_id, form, {})


@bp.post("/details")
def keep_details(member_id: uuid.UUID) -> ResponseReturnValue:
    """Keep how somebody can be reached, unless it was changed since the form was made."""
    form = DetailsForm()
    with reading() as session:
        member = find(session, me(), member_id)
    if member is None:
        return gone(member_id, *(form[name].data for name in words.FIELDS))
    form.held = editing.Details.of(member)
    if not form.validate():
        return _details(member_id, form, {}, 422)
    try:
        with transaction() as session:
            if not _kept(session, member_id, form):
                return gone(member_id, *(form[name].data for name in words.FIELDS))
    except ChangedMeanwhile as meanwhile:
        return _meanwhile(member_id, form, meanwhile.now)
    return _back(member_id, "changed")


def _kept(session: Session, member_id: uuid.UUID, form: DetailsForm) -> bool:
    """Keep what was typed; say whether there still is somebody of whom to keep it."""
    editing.agreements(session, member_id)  # locked before the member, as by whoever settles
    member = find(session, me(), member_id, lock=True)
    if member is None:
        return False
    made_from = form.made_from.data or ""
    editing.change(
        session,
        me(),
        member,
        form.typed(),
        made_from=made_from,
        places=room().places,
        now=clock.now(),
    )
    return True


def _meanwhile(
    member_id: uuid.UUID, form: DetailsForm, held: editing.Details
) -> ResponseReturnValue:
    """Show what was typed beside what it is now; sent again, what was typed holds."""
    form.form_errors = [
        _(
            "Somebody else has changed these details since you opened this page. Nothing of yours"
            " is kept yet: with each field that differs stands what it is now. Send the form once"
            " more to keep what you see in it."
        )
    ]
    form.made_from.data = held.mark
    theirs = {name: getattr(held, name) for name in form.typed().differing(held)}
    return _details(member_id, form, theirs, 409)


def _details(
    member_id: uuid.UUID, form: DetailsForm, theirs: dict[str, str], status: int = 200
) -> ResponseReturnValue:
    with transaction() as session:
        note_look(session, me(), member_id, now=clock.now())
    page = render_template(
        "desk/people/details.html",
        form=form,
        theirs=theirs,
        back=url("desk_people.one", member_id=member_id),
        **words.for_pages(),
    )
    return page, status


@bp.get("/transfer")
def transfer(member_id: uuid.UUID) -> ResponseReturnValue:
    """Show where somebody can be handed on to; the nearest branch to their postcode first."""
    form = TransferForm(formdata=None)
    with reading() as session:
        member = find(session, me(), member_id)
        if member is None:
            return gone(member_id)
        nearest = room().places.place(session, member.postcode) if member.postcode else None
    form.anew()
    form.made_from.data = places.mark(member)
    form.to.data = places.value(nearest) if nearest else None
    return _transfer(member, form)


@bp.post("/transfer")
def hand_on(member_id: uuid.UUID) -> ResponseReturnValue:
    """Hand somebody on."""
    form = TransferForm()
    with reading() as session:
        member = find(session, me(), member_id)
        if member is None and transferring.handed_on_by(session, me(), member_id, form.number):
            return redirect(url("desk_people.everybody", done="moved"), 303)
    if member is None:
        return gone(member_id, form.note.data)
    if not form.validate():
        return _transfer(member, form, 422)
    try:
        with transaction() as session:
            _hand_on(session, member_id, form)
    except (AlreadyThere, NoSuchPlace) as error:
        form.to.errors = [_not_there(error)]
        return _transfer(member, form, 422)
    except MovedMeanwhile:
        return _moved_meanwhile(member_id, form)
    return _after(member_id)


def _not_there(error: AlreadyThere | NoSuchPlace) -> str:
    if isinstance(error, AlreadyThere):
        return str(_("They are there already. Choose another place, or leave them there."))
    return str(_("Choose a branch or a region from the list."))


def _hand_on(session: Session, member_id: uuid.UUID, form: TransferForm) -> None:
    member = find(session, me(), member_id, lock=True)
    if member is None:  # gone since it was looked for a moment ago
        raise MovedMeanwhile("is out of sight")
    transferring.transfer(
        session,
        me(),
        member,
        transferring.destination(session, form.to.data or ""),
        made_from=places.read_mark(form.made_from.data or ""),
        note=form.note.data or "",
        nonce=form.number,
        now=clock.now(),
    )


def _moved_meanwhile(member_id: uuid.UUID, form: TransferForm) -> ResponseReturnValue:
    with reading() as session:
        member = find(session, me(), member_id)
    if member is None:
        return gone(member_id, form.note.data)
    form.form_errors = [
        _(
            "Somebody else has handed them on since you opened this page, and nothing was changed"
            " now. Look where they are, and send the form once more if you still want to."
        )
    ]
    form.made_from.data = places.mark(member)
    return _transfer(member, form, 409)


def _after(member_id: uuid.UUID) -> ResponseReturnValue:
    """Go on to whoever was handed on, or to the list where they are out of sight."""
    with reading() as session:
        member = find(session, me(), member_id)
    if member is None:
        return redirect(url("desk_people.everybody", done="moved"), 303)
    return _back(member_id, "moved")


def _transfer(member: Member, form: TransferForm, status: int = 200) -> ResponseReturnValue:
    with transaction() as session:
        offered = places.offered(session)
        here = places.named(session, member)
        note_look(session, me(), member.id, now=clock.now())
    form.offer(offered, mine=me())
    page = render_template(
        "desk/people/transfer.html",
        form=form,
        member=member,
        here=here,
        everywhere=me().everywhere,
        back=url("desk_people.one", member_id=member.id),
    )
    return page, status


def _back(member_id: uuid.UUID, done: str, anchor: str | None = None) -> ResponseReturnValue:
    page = url("desk_people.one", member_id=member_id, done=done, _anchor=anchor)
    return redirect(page, 303)
