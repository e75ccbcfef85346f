"""Taking lists out: as a file or as labels, with a reason; and for admins, what was taken out."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.clock import day_in_london
from core.database import reading, transaction
from core.guards import guard, staff
from members.desk import exporting, listing, words
from members.desk.filters import Filters
from members.desk.forms import ExportForm
from members.room import room
from staff import accounts
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

bp = guard(
    Blueprint("desk_people_lists", __name__, url_prefix="/desk/people/export"),
    staff(Role.ORGANISER, Role.ADMIN),
)
taken = guard(
    Blueprint("desk_people_taken", __name__, url_prefix="/desk/people/taken"), staff(Role.ADMIN)
)
for _each in (bp, taken):
    _each.after_request(keep_nothing)


@bp.get("")
def ask() -> ResponseReturnValue:
    """Show how many would be on the list, and ask why it is taken out."""
    form = ExportForm(formdata=None)
    form.anew()
    return _ask(form)


@bp.post("")
def take() -> ResponseReturnValue:
    """Give the list out, once."""
    form, filters, now = ExportForm(), Filters.asked(request.args), clock.now()
    if not form.validate():
        return _ask(form, 422)
    kind, reason = form.kind.data, form.reason.data or ""
    with transaction() as session:
        given = exporting.take(
            session, me(), kind, filters, reason=reason, nonce=form.number, now=now
        )
    if given is None:
        form.form_errors = [_("This list was taken out already. Send the form for another.")]
        form.anew()
        return _ask(form, 409)
    return _labels(filters, given) if kind == "labels" else _file(filters)


@taken.get("")
def every() -> ResponseReturnValue:
    """Show which lists were taken out, by whom and what for."""
    with reading() as session:
        lists = exporting.taken_out(session)
        names = accounts.addresses(session, [each.account_id for each in lists])
    return render_template("desk/people/taken.html", lists=lists, names=names)


def _ask(form: ExportForm, status: int = 200) -> ResponseReturnValue:
    filters = Filters.asked(request.args)
    with reading() as session:
        people = listing.count(session, me(), filters, now=clock.now())
    page = render_template(
        "desk/people/export.html",
        form=form,
        filters=filters,
        people=people,
        counted=listing.COUNTED,
        most_labels=exporting.MOST_LABELS,
        sees_taken=me().role is Role.ADMIN,
        **words.for_pages(),
    )
    return page, status


def _labels(filters: Filters, given: exporting.Taken) -> ResponseReturnValue:
    with reading() as session:
        found = exporting.labels(session, me(), filters, now=clock.now())
    return render_template(
        "desk/people/labels.html", labels=found, people=given.people, filters=filters
    )


def _file(filters: Filters) -> ResponseReturnValue:
    """Send the file as it is read: it takes no more memory than a batch of it."""
    principal, keys, now = me(), room().keys, clock.now()

    def sent() -> Iterator[str]:
        with reading() as session:
            yield from exporting.lines(
                exporting.rows(session, principal, filters, keys=keys, now=now)
            )

    name = f"people-{day_in_london(now)}.csv"
    return Response(
        stream_with_context(sent()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
