"""Looking at people: the list, the search, and a person's page."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from members.desk import listing, person, words
from members.desk.filters import Filters
from members.desk.forms import DeclineForm, NoteForm
from members.room import room
from staff import auditing
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

READERS = (Role.ORGANISER, Role.TREASURER, Role.ADMIN)
_LONGEST = 100

bp = guard(Blueprint("desk_people", __name__, url_prefix="/desk/people"), staff(*READERS))
bp.after_request(keep_nothing)


@bp.get("")
def everybody() -> ResponseReturnValue:
    """Show a page of people, or whom a search finds. Each of them is written down as a search."""
    rings = me().role in person.READS_NOTES
    filters, typed = Filters.asked(request.args), request.args.get("q", "").strip()[:_LONGEST]
    filters = (
        filters if rings else replace(filters, silent=False)
    )  # who agreed is not theirs to know
    now, after = clock.now(), request.args.get("after", type=uuid.UUID)
    with transaction() as session:
        if typed:
            listed = listing.search(session, me(), typed, now=now)
        else:
            listed = listing.page(session, me(), filters, after=after, now=now)
        choices = listing.choices(session, me(), filters)
        found = f"people:{len(listed.people)}"
        auditing.record(session, "search", by=me().account_id, now=now, detail=found)
    return render_template(
        "desk/people/list.html",
        listed=listed,
        choices=choices,
        filters=filters,
        typed=typed,
        done=request.args.get("done", ""),
        counted=listing.COUNTED,
        rings=rings,
        since_words=words.SINCE,
        sort_words=words.SORTS,
        narrowed=words.narrowed(filters, choices),
        plain=Filters(state=filters.state).query(),
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
        seen = person.look(session, me(), member_id, keys=room().keys, now=clock.now())
        kept = person.kept_as(session, me(), member_id) if seen is None else None
    if seen is None:
        return _elsewhere(kept, form.text.data, declining.why.data if declining else None)
    page = render_template(
        "desk/people/person.html",
        seen=seen,
        member=seen.member,
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
