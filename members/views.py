"""Joining: the form, the truth about the first due, and the link that confirms an address."""

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.forms import new_token, nonce_of
from core.guards import anyone, guard, same_origin
from core.links import DeadLink
from members import confirming, joining
from members.caching import keep_nothing
from members.forms import JoinForm
from members.models import Member
from members.places import Named, Placed
from members.room import room
from payments.gateway import GatewayUnavailable, PaymentRefused
from payments.law.forms import DuesDeclarationForm, asked_of_dues
from payments.models import Checkout
from payments.pledging import Addresses
from payments.protecting import doorway
from payments.protecting.weighing import Verdict

bp = guard(Blueprint("join", __name__, url_prefix="/join"), anyone)
bp.after_request(keep_nothing)
_FORM = "join"


@bp.route("", methods=["GET", "POST"])
def apply() -> ResponseReturnValue:
    """Show the form; keep what was sent, open its Checkout, and send the joiner there."""
    if request.method != "POST":
        given = {name: request.args.get(name, "") for name in ("branch", "source")}
        fresh = JoinForm(formdata=None, data={**given, "token": new_token(_FORM)})
        doorway.prepare(fresh, _FORM)
        return _form(fresh)
    same_origin(room().public_url)
    form = JoinForm()
    rate = form.chosen()
    declaration = asked_of_dues(rate.amount) if rate else None
    sound, nonce = form.validate(), nonce_of(form, _FORM)
    declared = declaration is None or declaration.validate()
    email_key = form.email.parsed.key if sound and declared else None
    judged = doorway.examine(form, _FORM, nonce, email_key)
    if nonce is None or judged.verdict is Verdict.ASK:
        return _form(form, declaration), 422
    with transaction() as session:
        begun = _apply(session, form, nonce, declaration, judged.aside)
    if begun is None:
        return redirect(url("join.look_in_mail"), 303)
    paid = room().till.close(begun.superseded)
    if paid is not None:
        return redirect(url("join.thanks", session_id=paid), 303)
    if begun.checkout is None:
        return redirect(_truth_of(begun), 303)
    return _to_checkout(begun.checkout, form, declaration)


@bp.get("/thanks")
def thanks() -> ResponseReturnValue:
    """Tell the truth about a first due: received, being confirmed, not taken."""
    truth = room().till.truth(request.args.get("session_id", ""))
    if truth is None:
        abort(404)
    with reading() as session:
        member = joining.applicant(session, truth.pledge.id)
        placed = _placed(session, member) if member else None
    if member is None or placed is None:
        abort(404)
    return render_template(
        "members/joined.html",
        state=truth.state,
        member=member,
        acceptance=room().rules.acceptance,
        branch=placed.branch,
        contact=placed.contact,
        checkout_url=truth.resume_url,
    )


@bp.get("/cancelled")
def cancelled() -> ResponseReturnValue:
    """Say that nothing was taken to who came back from the payment page."""
    return render_template("members/join_cancelled.html")


@bp.get("/look-in-your-mail")
def look_in_mail() -> ResponseReturnValue:
    """Say that what there is to know has gone to the address that was given."""
    return render_template("members/look_in_mail.html")


@bp.get("/confirm")
def confirm() -> ResponseReturnValue:
    """Show the button that confirms an address; mail scanners that look confirm nothing."""
    token = request.args.get("token", "")
    try:
        confirming.read(token, room().keys)
    except DeadLink:
        abort(404)
    return render_template("members/confirm_email.html", token=token, confirmed=False)


@bp.post("/confirm")
def confirm_now() -> ResponseReturnValue:
    """Note that the member reads this address."""
    same_origin(room().public_url)
    try:
        member_id = confirming.read(request.form.get("token", ""), room().keys)
        with transaction() as session:
            confirming.confirm(session, member_id, now=clock.now())
    except DeadLink:
        abort(404)
    return render_template("members/confirm_email.html", confirmed=True)


def _form(form: JoinForm, declaration: DuesDeclarationForm | None = None) -> str:
    with reading() as session:
        through = _through(session, form)
    form.branch.data = through.slug if through else ""
    return render_template(
        "members/join.html",
        form=form,
        declaration=declaration,
        rules=room().rules,
        through=through,
    )


def _through(session: Session, form: JoinForm) -> Named | None:
    """Return the branch that somebody joins through, if it is open; any other is left out."""
    return room().places.branch(session, form.branch.data) if form.branch.data else None


def _placed(session: Session, member: Member) -> Placed:
    return room().places.place(session, member.postcode, branch_id=member.branch_id)


def _apply(
    session: Session,
    form: JoinForm,
    nonce: str,
    declaration: DuesDeclarationForm | None,
    aside: str | None,
) -> joining.Begun | None:
    rate = form.chosen()
    if rate is None:
        raise ValueError("the form was not validated")
    application = joining.Application(
        name=form.name.data or "",
        email=form.email.parsed,
        phone=form.phone.value,
        date_of_birth=form.date_of_birth.parsed,
        address1=form.address1.data or "",
        address2=form.address2.data or "",
        town=form.town.data or "",
        postcode=form.postcode.parsed,
        rate=rate,
        consents=form.answers(),
        title=_("Membership dues"),
        form_nonce=nonce,
        through=_through(session, form),
        source=form.source.data or "",
        declared=declaration.wording if declaration else None,
        aside=aside,
    )
    here = room()
    return joining.apply(
        session, application, till=here.till, places=here.places, rules=here.rules, now=clock.now()
    )


def _to_checkout(
    checkout: Checkout, form: JoinForm, declaration: DuesDeclarationForm | None
) -> ResponseReturnValue:
    """Send the joiner to the payment page; where it cannot be had, give the form back."""
    try:
        return redirect(room().till.open(checkout, way_back()), 303)
    except (GatewayUnavailable, PaymentRefused) as error:
        words, status = doorway.refused_words(error)
        form.form_errors = [words]
        return _form(form, declaration), status


def way_back() -> Addresses:
    """Return where Stripe sends a joiner back to."""
    site = room().public_url
    return Addresses(
        success=f"{site}{url('join.thanks')}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel=f"{site}{url('join.cancelled')}",
    )


def _truth_of(begun: joining.Begun) -> str:
    """Return where the truth about an application stands that needs no payment page any more.

    One whose page was never reached, and whose time has run out, was not taken.
    """
    if not begun.pledge.checkouts:
        return url("finish.later")
    session_id = begun.pledge.checkouts[-1].session_id
    return url("join.thanks", session_id=session_id) if session_id else url("join.cancelled")
