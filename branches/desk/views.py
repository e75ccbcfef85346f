"""Branches at the desk: the list, a branch as each channel tells it, confirming and editing."""

import uuid

from flask import Blueprint, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from branches import meetings
from branches.desk import channels, confirming, editing, finding
from branches.desk.finding import SHOWN, Listed
from branches.desk.forms import TellForm
from branches.desk.room import desk, world
from branches.desk.words import SHOWN_WORDS
from branches.desk.world import trying, version
from branches.directory import BRANCHES, BadDirectory
from branches.models import Branch
from branches.room import room, today
from branches.snapshot import Directory, OpenBranch
from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from staff import accounts
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import me

KEEPERS = (Role.ORGANISER, Role.ADMIN)
bp = guard(Blueprint("desk_branches", __name__, url_prefix="/desk/branches"), staff(*KEEPERS))
bp.after_request(keep_nothing)


@bp.get("")
def every() -> ResponseReturnValue:
    """Show the branches that somebody looks after, the stalest first."""
    shown = request.args.get("show", "")
    shown = shown if shown in SHOWN else SHOWN[0]
    with reading() as session:
        regions = finding.regions(session, me())
        region = request.args.get("region", "")
        region = region if region in {each.slug for each in regions} else ""
        found = finding.listed(
            session, me(), shown=shown, region=region, today=today(), months=desk().months
        )
        names = _names(session, found)
    return render_template(
        "desk/branches/list.html",
        found=found,
        regions=regions,
        region=region,
        shown=shown,
        shown_words=SHOWN_WORDS,
        names=names,
        directs=me().role is Role.ADMIN,
        today=today(),
    )


@bp.get("/<int:branch_id>")
def one(branch_id: int) -> ResponseReturnValue:
    """Show a branch, and what page, text and API say of it."""
    return _show(branch_id)


@bp.post("/<int:branch_id>/confirm")
def confirm(branch_id: int) -> ResponseReturnValue:
    """Note that what is said of a branch is right, unless it says something else by now."""
    with transaction() as session:
        version(session, lock=True)  # nobody says something else of it meanwhile
        found = _find(session, branch_id)
        if found is None:
            return _none()
        seen = request.form.get("made_from", "") == editing.mark(editing.told(found.branch))
        if seen:
            confirming.confirm(
                session, found.branch, by=me().account_id, today=today(), now=clock.now()
            )
    if not seen:
        return _show(branch_id, changed=True)
    return redirect(url("desk_branches.one", branch_id=branch_id, done="confirmed"), 303)


@bp.get("/<int:branch_id>/edit")
def edit(branch_id: int) -> ResponseReturnValue:
    """Show the form of what the public is told."""
    form = TellForm(formdata=None)
    with reading() as session:
        found = _find(session, branch_id)
    if found is None:
        return _none()
    form.fill(editing.told(found.branch))
    return _form(found, form)


@bp.post("/<int:branch_id>/edit")
def keep(branch_id: int) -> ResponseReturnValue:
    """Keep what the public is told, or show how it would look; whoever keeps it confirms it."""
    form = TellForm()
    if request.form.get("look"):
        return _look(branch_id, form)
    try:
        with transaction() as session:
            found = _find(session, branch_id)
            if found is None:
                return _none(form)
            _keep(session, found.branch, form)
    except editing.ChangedMeanwhile as meanwhile:
        return _meanwhile(branch_id, form, meanwhile)
    except BadDirectory as bad:
        return _faulty(branch_id, form, bad)
    return redirect(url("desk_branches.one", branch_id=branch_id, done="changed"), 303)


def _keep(session: Session, branch: Branch, form: TellForm) -> None:
    now, made_from = clock.now(), form.made_from.data or ""
    editing.change(session, me(), branch, form.typed(), made_from=made_from, world=world(), now=now)
    confirming.confirm(session, branch, by=me().account_id, today=today(), now=now)


def _meanwhile(
    branch_id: int, form: TellForm, meanwhile: editing.ChangedMeanwhile
) -> ResponseReturnValue:
    """Show what was typed beside what it says now; sent again, what was typed holds."""
    form.hold_against(meanwhile.now)
    with reading() as session:
        found = _find(session, branch_id)
    return _form(found, form, 409) if found else _none(form)


def _faulty(branch_id: int, form: TellForm, bad: BadDirectory) -> ResponseReturnValue:
    with reading() as session:
        found = _find(session, branch_id)
        if found is None:
            return _none(form)
        tables = editing.wished(session, found.branch, form.typed())
    form.tell(*tables.faults_of(bad.faults, BRANCHES, found.branch.slug))
    return _form(found, form, 422)


def _look(branch_id: int, form: TellForm) -> ResponseReturnValue:
    """Show how it would look, and keep nothing."""
    try:
        with transaction() as session:
            found = _find(session, branch_id)
            if found is None:
                return _none(form)
            files = editing.wished(session, found.branch, form.typed()).files()
            with trying(session, world(), files):
                directory = world().directory(session)
            session.refresh(found.branch)  # as it is kept, now that the try is over
    except BadDirectory as bad:
        return _faulty(branch_id, form, bad)
    return _form(found, form, looks=_told(directory, found.branch))


def _find(session: Session, branch_id: int) -> Listed | None:
    return finding.one(session, me(), branch_id, today=today(), months=desk().months)


def _form(
    found: Listed,
    form: TellForm,
    status: int = 200,
    *,
    looks: dict[str, object] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "desk/branches/edit.html",
        branch=found.branch,
        form=form,
        looks=looks,
    )
    return page, status


def _show(branch_id: int, *, changed: bool = False) -> ResponseReturnValue:
    with reading() as session:
        found = _find(session, branch_id)
        if found is None:
            return _none()
        directory = room().locator.directory(session, today=today())
        names = _names(session, [found])
    page = render_template(
        "desk/branches/branch.html",
        found=found,
        branch=found.branch,
        looks=_told(directory, found.branch),
        mark=editing.mark(editing.told(found.branch)),
        names=names,
        changed=changed,
        months=desk().months,
        done=request.args.get("done", ""),
        directs=me().role is Role.ADMIN,
        is_open=found.branch.is_open(today()),
    )
    return page, 409 if changed else 200


def _told(directory: Directory, branch: Branch) -> dict[str, object] | None:
    """Return what each channel says of a branch; nothing where people are not sent there."""
    told = next((each for each in directory.all_branches() if each.id == branch.id), None)
    if told is None:
        return None
    return {
        "details": _details(told, branch),
        "contact": room().presenter.contact(told.region),
        "meetings": meetings.read(told.meets),
        "said": channels.said(room(), directory, told, branch.postcode),
    }


def _details(told: OpenBranch, branch: Branch) -> dict[str, object]:
    shown = ("name", "place", "meets", "email", "phone", "sample")
    return {name: getattr(told, name) for name in shown} | {"postcode": branch.postcode}


def _names(session: Session, found: list[Listed]) -> dict[uuid.UUID, str]:
    asked = {each.confirmed_by for each in found if each.confirmed_by}
    return accounts.addresses(session, asked)


def _none(form: TellForm | None = None) -> ResponseReturnValue:
    """Say that there is no such branch here, and give back what was typed."""
    typed = [form.cell(name) for name in editing.TOLD] if form else []
    kept = [each for each in typed if each]
    return render_template("desk/branches/none.html", kept=kept), 404
