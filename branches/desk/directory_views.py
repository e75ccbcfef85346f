"""The directory at the desk of admins: its files, its branches and regions, and what would move.

Every change is prepared, shown with who would move, and then applied or left.
"""

import uuid
from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from branches.desk import changing, finding
from branches.desk.changing import NoSuchChange, StaleChange
from branches.desk.forms import BranchForm, RegionForm, new_row
from branches.desk.room import desk, world
from branches.desk.tables import Row, Tables
from branches.desk.words import COLUMNS, FILE_WORDS, SHOWN_WORDS
from branches.desk.world import version
from branches.directory import BRANCHES, FILES, REGIONS, BadDirectory, Fault, files_of
from branches.locator import IndexMissing
from branches.models import Branch, Region
from branches.room import room, today
from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from staff import accounts, auditing
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

bp = guard(
    Blueprint("desk_directory", __name__, url_prefix="/desk/branches/directory"),
    staff(Role.ADMIN),
)
bp.after_request(keep_nothing)
_LATELY = 20
_MOST_SHOWN = 200


@bp.get("")
def whole() -> ResponseReturnValue:
    """Show the ways to load and take out the directory, its regions, and what changed lately."""
    return _whole(())


@bp.post("")
def load() -> ResponseReturnValue:
    """Prepare what three files say, or list everything that is wrong with them."""
    sent = {name: request.files.get(name.removesuffix(".csv")) for name in FILES}
    files = {name: file.read() for name, file in sent.items() if file and file.filename}
    try:
        with transaction() as session:
            change_id = _prepare(session, files)
    except BadDirectory as bad:
        return _whole(bad.faults, 422)
    return _on_to(change_id)


@bp.get("/export")
def export() -> ResponseReturnValue:
    """Give one of the three files, as the command writes it."""
    name = request.args.get("file", FILES[0])
    if name not in FILES:
        abort(404)
    with transaction() as session:
        content = files_of(session)[name]
        about = f"directory:{name.removesuffix('.csv')}"
        auditing.record(session, "export", by=me().account_id, now=clock.now(), detail=about)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Show the form of a branch that there is not yet."""
    form = BranchForm(formdata=None)
    with reading() as session:
        form.offer(Tables.held(session))
    return _branch_form(form, None)


@bp.post("/new")
def make() -> ResponseReturnValue:
    """Prepare a new branch."""
    form = BranchForm()
    slug = form.cell("slug")

    def put(tables: Tables) -> bool:
        form.offer(tables)
        known = tables.row(BRANCHES, slug) is not None
        if known:
            form.slug.errors = [_("There is such a branch already.")]
        form.put(tables, new_row(tables, slug), today=today().isoformat())
        return not known

    return _prepared(form, put, (BRANCHES, slug), lambda it: _branch_form(form, None, it))


@bp.get("/branch/<int:branch_id>")
def branch(branch_id: int) -> ResponseReturnValue:
    """Show the form of where a branch lies, when it is open, and what it looks after."""
    form = BranchForm(formdata=None)
    with reading() as session:
        found, tables, row = _held(session, branch_id)
    form.offer(tables)
    form.fill(tables, row)
    return _branch_form(form, found)


@bp.post("/branch/<int:branch_id>")
def change(branch_id: int) -> ResponseReturnValue:
    """Prepare other cells of a branch."""
    form = BranchForm()
    with reading() as session:
        found, _tables, _row = _held(session, branch_id)

    def put(tables: Tables) -> bool:
        form.offer(tables)
        row = tables.row(BRANCHES, found.slug) or {}
        if form.hold_against(form.held(tables, row)):
            form.put(tables, row, today=today().isoformat())
        return not form.form_errors

    return _prepared(form, put, (BRANCHES, found.slug), lambda it: _branch_form(form, found, it))


@bp.get("/region/<int:region_id>")
def region(region_id: int) -> ResponseReturnValue:
    """Show the form of a region."""
    form = RegionForm(formdata=None)
    with reading() as session:
        found = _region(session, region_id)
        row = Tables.held(session).row(REGIONS, found.slug)
    form.fill(row or {})
    return _region_form(form, found)


@bp.post("/region/<int:region_id>")
def change_region(region_id: int) -> ResponseReturnValue:
    """Prepare other cells of a region."""
    form = RegionForm()
    with reading() as session:
        found = _region(session, region_id)

    def put(tables: Tables) -> bool:
        row = tables.row(REGIONS, found.slug) or {}
        if form.hold_against(form.held(row)):
            form.put(row)
        return not form.form_errors

    return _prepared(form, put, (REGIONS, found.slug), lambda it: _region_form(form, found, it))


@bp.get("/changes/<uuid:change_id>")
def prepared(change_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a change would come to, and who would move."""
    return _preview(change_id)


@bp.post("/changes/<uuid:change_id>")
def apply(change_id: uuid.UUID) -> ResponseReturnValue:
    """Apply a change that was shown; its members follow."""
    try:
        with transaction() as session:
            changing.apply(session, change_id, world=world(), by=me().account_id, now=clock.now())
    except NoSuchChange:
        abort(404)
    except (StaleChange, BadDirectory):
        return _preview(change_id, 409)
    return redirect(url("desk_directory.whole", done="applied"), 303)


def _prepare(session: Session, files: dict[str, bytes]) -> uuid.UUID:
    return changing.prepare(session, files, world=world(), by=me().account_id, now=clock.now())


def _prepared(
    form: BranchForm | RegionForm,
    put: Callable[[Tables], bool],
    whose: tuple[str, str],
    show: Callable[[int], ResponseReturnValue],
) -> ResponseReturnValue:
    """Prepare the directory with what a form puts into it, or show the form with every fault."""
    with transaction() as session:
        version(session, lock=True)  # so that the tables are those of the version it is made from
        tables = Tables.held(session)
        if not put(tables):
            return show(409)
        try:
            change_id = _prepare(session, tables.files())
        except BadDirectory as bad:
            form.tell(*tables.faults_of(bad.faults, *whose))
            return show(422)
    return _on_to(change_id)


def _on_to(change_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url("desk_directory.prepared", change_id=change_id), 303)


def _preview(change_id: uuid.UUID, status: int = 200) -> ResponseReturnValue:
    """Show a change. What was applied already is told of by the list of those."""
    faults: tuple[Fault, ...] = ()
    looked = None
    with transaction() as session:
        try:
            found = changing.find(session, change_id)
        except NoSuchChange:
            abort(404)
        if found.applied_at is not None:
            return redirect(url("desk_directory.whole", done="applied"), 303)
        try:
            looked = changing.look(session, found, world=world())
        except BadDirectory as bad:
            faults = bad.faults
    stages = _stages(looked) if looked and not looked.stale else []
    page = render_template(
        "desk/branches/preview.html",
        looked=looked,
        stages=stages,
        faults=faults,
        change_id=change_id,
        most=_MOST_SHOWN,
        columns=COLUMNS,
        file_words=FILE_WORDS,
        states=SHOWN_WORDS,
        today=today(),
    )
    return page, status


def _stages(looked: changing.Prepared) -> list[changing.Stage] | None:
    """Count who would move; None where nobody can be placed, since there is no index."""
    with reading() as session:
        try:
            return changing.stages(
                session, looked, locator=room().locator, residents=desk().residents
            )
        except IndexMissing:
            return None


def _whole(faults: tuple[Fault, ...], status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        regions = finding.regions(session, me())
        changes = changing.lately(session, _LATELY)
        names = accounts.addresses(
            session, {each.account_id for each in changes if each.account_id}
        )
    page = render_template(
        "desk/branches/directory.html",
        faults=faults,
        files=FILES,
        regions=regions,
        changes=changes,
        names=names,
        done=request.args.get("done", ""),
        today=today(),
    )
    return page, status


def _held(session: Session, branch_id: int) -> tuple[Branch, Tables, Row]:
    found = session.get(Branch, branch_id) if branch_id < finding.MOST_ID else None
    tables = Tables.held(session)
    row = tables.row(BRANCHES, found.slug) if found else None
    if found is None or row is None:
        abort(404)
    return found, tables, row


def _region(session: Session, region_id: int) -> Region:
    found = session.get(Region, region_id) if region_id < finding.MOST_ID else None
    if found is None or found.closed_on is not None:
        abort(404)
    return found


def _branch_form(form: BranchForm, branch: Branch | None, status: int = 200) -> ResponseReturnValue:
    return render_template("desk/branches/change.html", form=form, branch=branch), status


def _region_form(form: RegionForm, region: Region, status: int = 200) -> ResponseReturnValue:
    return render_template("desk/branches/region.html", form=form, region=region), status
