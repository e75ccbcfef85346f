"""Looking at people: the list, the search, and a person's page."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from members.desk import listing, person, sections, words
from members.desk.filters import Filters
from members.desk.forms import DeclineForm, NoteForm
from members.room import room
from members.searching import Reading, understand
from staff import auditing
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me
from staff.typed import keep, kept

READERS = (Role.ORGANISER, Role.TREASURER, Role.ADMIN)
_LONGEST = 100

bp = guard(Blueprint("desk_people", __name__, url_prefix="/desk/people"), staff(*READERS))
bp.after_request(keep_nothing)


@bp.get("")
def everybody() -> ResponseReturnValue:
    """Show a page of people, or whom a search finds. Each of them is written down as a search."""
    looked_for = request.args.get("search", "")
    typed = kept(looked_for)
    filters, readings = Filters.asked(request.args, searches=bool(typed)), understand(typed)
    if me().role not in person.READS_NOTES:  # who agreed to what is not theirs to know
        filters = replace(filters, silent=False)
    now, after = clock.now(), request.args.get("after", type=uuid.UUID)
    with transaction() as session:
        if typed:
            listed = listing.search(session, me(), readings, filters, after=after, now=now)
        else:
            listed = listing.page(session, me(), filters, after=after, now=now)
        choices = listing.choices(session, me(), filters)
        found = f"people:{len(listed.people)}"
        auditing.record(session, "search", by=me().account_id, now=now, detail=found)
    return _list(
        listed,
        choices,
        filters,
        looked_for=looked_for if typed else None,
        typed=typed,
        readings=readings,
        further=bool(after),
    )


@bp.post("")
def look_for() -> ResponseReturnValue:
    """Look for somebody; what was typed stays out of the address to which this leads."""
    typed = request.form.get("q", "").strip()[:_LONGEST]
    filters: dict[str, Any] = {**Filters.asked(request.form, searches=bool(typed)).query()}
    search = keep(typed) if typed else None
    return redirect(url("desk_people.everybody", search=search, **filters), 303)


def _list(
    listed: listing.Listed,
    choices: listing.Choices,
    filters: Filters,
    *,
    looked_for: str | None,
    typed: str,
    readings: Sequence[Reading],
    further: bool,
) -> ResponseReturnValue:
    return render_template(
        "desk/people/list.html",
        listed=listed,
        choices=choices,
        filters=filters,
        looked_for=looked_for,
        typed=typed,
        further=further,
        done=request.args.get("done", ""),
        counted=listing.COUNTED,
        rings=me().role in person.READS_NOTES,
        everywhere=me().everywhere,
        since_words=words.SINCE,
        sort_words=words.SORTS,
        narrowed=words.narrowed(filters, choices),
        hints=words.hints(readings),
        **words.for_pages(),
    )


@bp.get("/<uuid:member_id>")
def one(member_id: uuid.UUID) -> ResponseReturnValue:
    """Show one person; the look is written down."""
    form = NoteForm(formdata=None)
    form.anew()
    return show(member_id, form)


def show(
    member_id: uuid.UUID,
    form: NoteForm,
    status: int = 200,
    *,
    declining: DeclineForm | None = None,
) -> ResponseReturnValue:
    """Show one person, with the forms for a note and for a reason as they stand."""
    with transaction() as session:
        seen = person.look(
            session,
            me(),
            member_id,
            keys=room().keys,
            now=clock.now(),
            before=sections.asked(request.args),
        )
        survivor = person.kept_as(session, me(), member_id) if seen is None else None
        phones = [seen.member.phone] if seen and seen.member.phone else []
        silent = bool(room().enquiries.stopped(session, phones))
    if seen is None:
        return _elsewhere(survivor, form.text.data, declining.why.data if declining else None)
    page = render_template(
        "desk/people/person.html",
        seen=seen,
        member=seen.member,
        silent=silent,
        form=form,
        declining=declining or DeclineForm(formdata=None),
        mine=me().account_id,
        done=request.args.get("done", ""),
        **words.for_pages(),
    )
    return page, status


def gone(member_id: uuid.UUID, *typed: str | None) -> ResponseReturnValue:
    """Lead on to as whom somebody is kept who is gone; else say that there is nobody such here."""
    with reading() as session:
        kept = person.kept_as(session, me(), member_id)
    return _elsewhere(kept, *typed)


def nobody(*typed: str | None) -> ResponseReturnValue:
    """Say that there is nobody such here, and give back what was typed, so that it is not lost."""
    return _nobody(typed), 404


def _elsewhere(kept_as: uuid.UUID | None, *typed: str | None) -> ResponseReturnValue:
    if kept_as is None:
        return nobody(*typed)
    if request.method == "GET":
        return redirect(url("desk_people.one", member_id=kept_as), 303)
    return _nobody(typed, kept_as), 409


def _nobody(typed: Sequence[str | None], kept_as: uuid.UUID | None = None) -> str:
    kept = [each for each in typed if each and each.strip()]
    return render_template("desk/people/nobody.html", kept=kept, kept_as=kept_as)
