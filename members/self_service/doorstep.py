"""The doorstep of a supporter's own pages, where anyone may stand: ask for a link, open one."""

import re
import uuid

from flask import Blueprint, redirect, render_template, request
from flask import session as browser
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock, links
from core.database import reading, transaction
from core.forms import new_token, nonce_of
from core.guards import anyone, guard, same_origin
from members.caching import keep_nothing
from members.forms import LinkForm
from members.room import room
from members.self_service import asking

LINK = "link"
_FORM = "link"
_YEAR = re.compile(r"[0-9]{4}")

bp = guard(Blueprint("me", __name__, url_prefix="/me"), anyone)
bp.after_request(keep_nothing)


@bp.route("", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Take an address to send a link to; the answer is the same for every one."""
    if request.method != "POST":
        return render_template("members/me.html", form=_new_form(), sent=False)
    same_origin(room().public_url)
    form = LinkForm()
    sound, nonce = form.validate(), nonce_of(form, _FORM)
    if not sound or nonce is None:
        return render_template("members/me.html", form=form, sent=False), 422
    with transaction() as session:
        asking.ask(session, form.email.parsed, now=clock.now())
    return redirect(url("me.sent"), 303)


@bp.get("/sent")
def sent() -> ResponseReturnValue:
    """Say that a letter is on its way, if we know the address."""
    return render_template("members/me.html", sent=True)


@bp.get("/open")
def open_link() -> ResponseReturnValue:
    """Show the button that opens the pages; looking uses nothing up, for mail scanners look."""
    token = request.args.get("token", "")
    try:
        link_id = links.read(token, room().keys)
    except links.DeadLink:
        return _spent()
    with reading() as session:
        if not links.is_good(session, link_id, now=clock.now()):
            return _spent()
    return render_template("members/open_link.html", token=token, to=request.args.get("to", ""))


@bp.post("/open")
def open_now() -> ResponseReturnValue:
    """Use the link up; from now on this browser may see the pages, for an hour."""
    same_origin(room().public_url)
    try:
        link_id = links.read(request.form.get("token", ""), room().keys)
        with transaction() as session:
            links.open_with(session, link_id, now=clock.now())
    except links.DeadLink:
        return _spent()
    browser.clear()
    browser[LINK] = str(link_id)
    return redirect(_page(request.form.get("to", "")), 303)


def _page(to: str) -> str:
    """Return where a letter leads: to stop one agreement, to a year, or to what is given."""
    try:
        if _YEAR.fullmatch(to):
            return url("mine.statement", year=int(to))
        return url("mine.stop", agreement_id=uuid.UUID(hex=to))
    except ValueError:
        return url("mine.giving")


def _new_form() -> LinkForm:
    return LinkForm(formdata=None, data={"token": new_token(_FORM)})


def _spent() -> ResponseReturnValue:
    return render_template("members/link_spent.html", form=_new_form()), 410
