"""A supporter's own pages: what I give, how I pay, stop it. Only who opened a link gets here."""

import uuid

from flask import Blueprint, abort, g, redirect, render_template, request
from flask import session as browser
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock, links
from core.database import reading, transaction
from core.guards import guard, link_holder
from members.caching import keep_nothing
from members.room import room
from members.self_service import giving as service
from members.self_service import leaving, stopping
from members.self_service.doorstep import LINK
from payments import following_up
from payments.gateway import GatewayUnavailable, PaymentRefused
from payments.law import declaring
from payments.monthly import yearly

bp = guard(Blueprint("mine", __name__, url_prefix="/me"), link_holder(LINK, "me.ask"))
bp.after_request(keep_nothing)


@bp.before_request
def know_holder() -> ResponseReturnValue | None:
    """Find out whose pages the link opened; an hour later, or once signed out, ask for another."""
    with reading() as session:
        g.holder = links.holder(session, uuid.UUID(browser[LINK]), now=clock.now())
    if g.holder is None:
        browser.clear()
        return redirect(url("me.ask"), 303)
    return None


@bp.get("/giving")
def giving() -> ResponseReturnValue:
    """Show the regular payments and what has arrived."""
    return _giving()


@bp.get("/stop/<uuid:agreement_id>")
def stop(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Ask whether this payment shall stop."""
    agreement = own(agreement_id)
    if not agreement.can_be_stopped:
        return redirect(url("mine.giving"), 303)
    return render_template("members/stop.html", agreement=agreement)


@bp.post("/stop/<uuid:agreement_id>")
def stop_now(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Stop a payment. Where Stripe does not hear us now, the worker goes on telling it."""
    if own(agreement_id).can_be_stopped:
        with transaction() as session:
            stopping.ask(session, agreement_id, now=clock.now())
        following_up.stop(room().till.gateway, room().till.rules, agreement_id)
    return redirect(url("mine.giving"), 303)


@bp.post("/billing/<uuid:agreement_id>")
def billing(agreement_id: uuid.UUID) -> ResponseReturnValue:
    """Lead to the gateway's own page for cards and payment methods."""
    customer = own(agreement_id).customer
    if customer is None:
        abort(404)
    try:
        return_url = f"{room().public_url}{url('mine.giving')}"
        return redirect(room().till.gateway.billing_page(customer, return_url), 303)
    except (GatewayUnavailable, PaymentRefused):
        problem = _("We could not reach the payment company. Please try again in a moment.")
        return _giving(problem), 503


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Close the pages for this browser, and the link for good."""
    with transaction() as session:
        links.close(session, uuid.UUID(browser[LINK]), now=clock.now())
    browser.clear()
    return redirect(url("me.ask"), 303)


def own(agreement_id: uuid.UUID) -> service.Agreement:
    """Return an agreement of whoever looks; there is none of anybody else's."""
    with reading() as session:
        found = service.agreement(session, g.holder, agreement_id, now=clock.now())
    if found is None:
        abort(404)
    return found


def _giving(problem: str | None = None) -> str:
    with reading() as session:
        return render_template(
            "members/giving.html",
            agreements=service.agreements(session, g.holder, now=clock.now()),
            payments=service.arrived(session, g.holder),
            declarations=declaring.of_giver(session, g.holder),
            years=yearly.years(session, g.holder),
            memberships=leaving.memberships(session, g.holder),
            rates={rate.slug: rate.name for rate in room().rules.rates},
            problem=problem,
            saved="saved" in request.args,
        )
