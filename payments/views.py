"""Giving: the two steps, and the page that tells the truth afterwards."""

from dataclasses import dataclass, replace

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.database import reading, transaction
from core.forms import new_token, nonce_of
from core.guards import anyone, guard, same_origin
from core.money import Money
from payments import appeals, pledging
from payments.forms import CONSENT, DetailsForm, GiftForm
from payments.gateway import GatewayUnavailable, PaymentRefused
from payments.law.forms import DeclarationForm, asked_of
from payments.models import Appeal, Pledge
from payments.protecting import doorway
from payments.protecting.weighing import Verdict
from payments.receipts import reference
from payments.till import Till

bp = guard(Blueprint("donate", __name__, url_prefix="/donate"), anyone)
_FORM = "donate"
_SUGGESTED = (500, 1000, 2500, 5000, 10000)
_PREFILLED = ("amount", "frequency", "message", "source")


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift as its giver is shown it."""

    amount_pence: int
    frequency: str
    message: str
    title: str
    public_reference: str = ""


@bp.get("")
@bp.get("/<appeal>")
def start(appeal: str = appeals.DEFAULT) -> ResponseReturnValue:
    """Step one: how much, how often, a message. Free of cookies, so that any cache may keep it."""
    given = {key: request.args[key] for key in _PREFILLED if key in request.args}
    form = GiftForm(formdata=None, data={**given, "appeal": appeal})
    response = _step_one(form, 200)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@bp.post("")
def proceed() -> ResponseReturnValue:
    """Show step two to whoever sends an amount, from our page or another site; change nothing."""
    gift = GiftForm()
    if not gift.validate():
        return _step_one(gift, 422)
    form = DetailsForm(formdata=None, data={**gift.data, "token": new_token(_FORM)})
    doorway.prepare(form, _FORM)
    response = _step_two(gift, form, 200, asked_of(gift.amount.parsed, fresh=True))
    # Nobody has said yet who they are, and Back from the payment page must find this page again.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/details")
def details() -> ResponseReturnValue:
    """Keep the pledge, open its Checkout, and send the giver there."""
    same_origin(current_app.extensions["public_url"])
    gift, form = GiftForm(), DetailsForm()
    if not gift.validate():
        return _step_one(gift, 422)
    declaration = asked_of(_charged(gift, form))
    sound, nonce = form.validate(), nonce_of(form, _FORM)
    declared = declaration is None or declaration.validate()
    email_key = form.email.parsed.key if sound and declared else None
    judged = doorway.examine(form, _FORM, nonce, email_key)
    if nonce is None or judged.verdict is Verdict.ASK:
        return _step_two(gift, form, 422, declaration)
    with transaction() as session:
        appeal = _appeal(session, gift.appeal.data)
        wish = replace(_wish(gift, form, appeal, nonce, declaration), aside=judged.aside)
        checkout = _till().pledge(session, wish)
        pledge = pledging.pledged(session, nonce)
    if checkout is None:
        return redirect(_truth_of(pledge), 303)
    try:
        return redirect(_till().open(checkout, way_back()), 303)
    except (GatewayUnavailable, PaymentRefused) as error:
        words, status = doorway.refused_words(error)
        form.form_errors = [words]
        return _step_two(gift, form, status, declaration)


@bp.get("/details")
def details_again() -> ResponseReturnValue:
    """Begin anew: step two cannot be asked for without step one."""
    return redirect(url("donate.start"), 303)


@bp.get("/thanks")
def thanks() -> ResponseReturnValue:
    """Tell the truth about a gift: received, being confirmed, not taken."""
    truth = _till().truth(request.args.get("session_id", ""))
    if truth is None or truth.pledge.appeal is None:
        abort(404)
    pledge, gift = truth.pledge, _shown(truth.pledge)
    again = url(
        "donate.start",
        appeal=truth.pledge.appeal.slug,
        amount=Money(pledge.amount_pence - pledge.cover_pence).plain,
        frequency=gift.frequency,
    )
    return _private(
        render_template(
            "payments/thanks.html",
            state=truth.state,
            gift=gift,
            checkout_url=truth.resume_url,
            back_pence=truth.back_pence,
            disputed=truth.disputed,
            retry_url=again,
        )
    )


@bp.get("/cancelled")
def cancelled() -> ResponseReturnValue:
    """Say that nothing was taken to who came back from the payment page."""
    return _private(render_template("payments/cancelled.html"))


def _step_one(form: GiftForm, status: int) -> Response:
    with reading() as session:
        standing = appeals.standing(session, _appeal(session, form.appeal.data))
    page = render_template("payments/donate.html", form=form, appeal=standing, suggested=_SUGGESTED)
    return Response(page, status, mimetype="text/html")


def _step_two(
    gift: GiftForm, form: DetailsForm, status: int, declaration: DeclarationForm | None
) -> Response:
    with reading() as session:
        appeal = _appeal(session, gift.appeal.data)
    shown = Gift(
        gift.amount.parsed.pence, gift.frequency.data, gift.message.data or "", appeal.title
    )
    page = render_template(
        "payments/details.html",
        form=form,
        gift=shown,
        appeal=appeal,
        cover_pence=_cover(gift.amount.parsed).pence,
        declaration=declaration,
    )
    return _private(page, status)


def _wish(
    gift: GiftForm,
    form: DetailsForm,
    appeal: Appeal,
    nonce: str,
    declaration: DeclarationForm | None,
) -> pledging.Wish:
    cover = _covered(gift, form)
    declared = declaration.declared(form.name.data or "") if declaration else None
    return pledging.Wish(
        kind="monthly" if gift.frequency.data == "monthly" else "donation",
        amount=_charged(gift, form),
        cover=cover,
        title=appeal.title,
        appeal_id=appeal.id,
        name=form.name.data or "",
        email=form.email.parsed,
        postcode=form.postcode.data or (declared.postcode_at_home if declared else None),
        message=gift.message.data or "",
        display=form.display.data,
        consent_wording=str(CONSENT) if form.consent.data else None,
        source=gift.source.data or "",
        form_nonce=nonce,
        declaration=declared,
    )


def _covered(gift: GiftForm, form: DetailsForm) -> Money:
    """Return what the giver adds for the card fee."""
    return _cover(gift.amount.parsed) if form.cover_fee.data else Money(0)


def _charged(gift: GiftForm, form: DetailsForm) -> Money:
    """Return the whole of what is charged at once, the card fee counted in."""
    return Money(gift.amount.parsed.pence + _covered(gift, form).pence)


def _cover(amount: Money) -> Money:
    """Return what covers the card fee of an amount; nothing where the giver is not asked."""
    fee = current_app.extensions["organisation"].card_fee
    return fee.cover(amount) if fee else Money(0)


def _shown(pledge: Pledge) -> Gift:
    return Gift(
        amount_pence=pledge.amount_pence,
        frequency="monthly" if pledge.monthly else "once",
        message=pledge.message,
        title=pledge.title,
        public_reference=reference(pledge.id),
    )


def _truth_of(pledge: Pledge | None) -> str:
    """Return where the truth stands about a pledge that needs no payment page any more.

    One whose page was never reached, and whose time has run out, was not taken.
    """
    if pledge and not pledge.checkouts:
        return url("finish.later")
    latest = pledge.checkouts[-1].session_id if pledge else None
    return url("donate.thanks", session_id=latest) if latest else url("donate.cancelled")


def way_back() -> pledging.Addresses:
    """Return where Stripe sends a giver back to."""
    site = current_app.extensions["public_url"]
    return pledging.Addresses(
        success=f"{site}{url('donate.thanks')}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel=f"{site}{url('donate.cancelled')}",
    )


def _private(page: str, status: int = 200) -> Response:
    response = Response(page, status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _till() -> Till:
    till: Till = current_app.extensions["till"]
    return till


def _appeal(session: Session, slug: str | None) -> Appeal:
    try:
        return appeals.find(session, slug or appeals.DEFAULT)
    except appeals.NoSuchAppeal:
        abort(404)
