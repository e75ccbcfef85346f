"""Pages of a supporter's own about their data: everything we hold, and what they consented to."""

import datetime as dt

from flask import Response, g, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.clock import day_in_london
from core.database import reading, transaction
from members.ages import youngest_adult
from members.forms import CONSENTS
from members.models import CHANNELS, Member
from members.protection import archive, consenting, finding, looks
from members.protection.finding import NobodyMeant, SeveralMeant
from members.protection.forms import ConsentForm
from members.protection.registry import registry
from members.self_service.views import bp
from staff.forms import ROLES


@bp.get("/data")
def data() -> str:
    """Show the button that gives everything we hold, and who of the staff looked at it."""
    return _data_page()


@bp.post("/data")
def data_now() -> ResponseReturnValue:
    """Give everything that is held under the holder's address, where nobody else shares it."""
    now = clock.now()
    try:
        with reading() as session:
            person = finding.holder(session, g.holder, keys=registry().keys)
            packed = archive.of(session, person, now=now)
    except (SeveralMeant, NobodyMeant):
        return _data_page(refused=True), 409
    name = f"what-we-hold-{day_in_london(now)}.zip"
    return Response(
        packed,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/consent", methods=["GET", "POST"])
def consent() -> ResponseReturnValue:
    """Show how the holder is written to, and change it: a new row for each answer that changed."""
    here, now = registry(), clock.now()
    if request.method == "POST":
        form = ConsentForm()
        wishes = {each: bool(form[each].data) for each in CHANNELS}
        wordings = {each: str(CONSENTS[each]) for each in CHANNELS}
        with transaction() as session:
            for member in _members(session, grown_up=day_in_london(now)):
                consenting.change(
                    session,
                    member,
                    wishes,
                    wordings=wordings,
                    source="own pages",
                    keys=here.keys,
                    now=now,
                )
        return redirect(url("mine.consent", saved="yes"), 303)
    with reading() as session:
        everybody, members = _members(session), _members(session, grown_up=day_in_london(now))
        held = consenting.answers(session, members[0], keys=here.keys) if members else {}
    minor = len(members) < len(everybody)
    given = {each: each in held and held[each].given for each in CHANNELS}
    return render_template(
        "members/consent.html",
        form=ConsentForm(formdata=None, data=given) if members else None,
        answers={each: answer for each, answer in held.items() if answer.given},
        version=consenting.version,
        minor=minor,
        saved="saved" in request.args,
    )


def _data_page(*, refused: bool = False) -> str:
    """Show the page; of people who share an address nobody is told who looked at the others."""
    try:
        with reading() as session:
            seen = looks.of(session, finding.holder(session, g.holder, keys=registry().keys))
    except (SeveralMeant, NobodyMeant):
        seen = None
    return render_template("members/data.html", refused=refused, looks=seen, roles=ROLES)


def _members(session: Session, *, grown_up: dt.date | None = None) -> list[Member]:
    """Return the members at the holder's address, who hear from us there together.

    Those who are under 18 on the day `grown_up` are left out: they are not asked.
    """
    found = select(Member).where(Member.email_key == g.holder).order_by(Member.created_at.desc())
    if grown_up is not None:
        found = found.where(Member.date_of_birth <= youngest_adult(grown_up))
    return list(session.scalars(found))
