"""The second person's page: what somebody wishes to give back, and what Stripe would not."""

import uuid

from flask import Blueprint, abort, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core import clock
from core.database import transaction
from core.guards import guard, staff
from payments.desk import edge, giving_back, words
from payments.desk.giving_back import MONEY, DecidedBefore, NoSuchWish, SamePerson
from payments.models import Payment
from payments.offline.undoing import AlreadyUndone
from payments.receipts import reference
from payments.refunding import NotRefundable
from staff.door import keep_nothing
from staff.room import me

bp = guard(Blueprint("desk_refunds", __name__, url_prefix="/desk/money/refunds"), staff(*MONEY))
bp.after_request(keep_nothing)


@bp.get("")
def waiting() -> ResponseReturnValue:
    """List the wishes that wait for a second person, and what Stripe refused."""
    return _waiting()


@bp.post("/<uuid:wish_id>/confirm")
def confirm(wish_id: uuid.UUID) -> ResponseReturnValue:
    """Agree, as the second person: the money is given back."""
    return _decide(wish_id, agrees=True)


@bp.post("/<uuid:wish_id>/refuse")
def refuse(wish_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse; who asked takes it back by the same."""
    return _decide(wish_id, agrees=False)


def _decide(wish_id: uuid.UUID, *, agrees: bool) -> ResponseReturnValue:
    try:
        with transaction() as session:
            who, now = me().account_id, clock.now()
            if agrees:
                wish = giving_back.confirm(session, wish_id, who=who, rules=edge.rules(), now=now)
            else:
                wish = giving_back.refuse(session, wish_id, who=who, now=now)
            pledge_id = session.get_one(Payment, wish.payment_id).pledge_id
            edge.note(session, "change", f"refund-{wish.state}", pledge_id)
    except NoSuchWish:
        abort(404)
    except SamePerson:
        return _waiting(_("You asked for it yourself, so somebody else has to agree.")), 409
    except NotRefundable as error:
        return _waiting(words.not_back(error)), 409
    except AlreadyUndone:
        return _waiting(_("The entry was undone meanwhile, so nothing of it is left.")), 409
    except DecidedBefore as before:
        if not _is_mine(before, agrees=agrees):
            return _waiting(_decided(before.state)), 409
        return redirect(url("desk_money.payment", payment_id=before.payment_id), 303)
    return redirect(url("desk_money.payment", payment_id=wish.payment_id), 303)


def _is_mine(before: DecidedBefore, *, agrees: bool) -> bool:
    """Say whether a wish stands as this person left it: the button was pressed twice."""
    state = "granted" if agrees else "refused"
    return before.state == state and before.decided_by == me().account_id


def _decided(state: str) -> str:
    if state == "granted":
        return str(_("It was agreed to already, and is given back once. Nothing changed now."))
    return str(_("It was refused or taken back already. Nothing changed now."))


def _waiting(notice: str = "") -> str:
    with transaction() as session:
        after, before = edge.row_asked(), edge.number_asked("before")
        wishes = giving_back.every_waiting(session, after=after) if before is None else []
        refused = giving_back.refused_by_stripe(session, before=before) if after is None else []
        names = edge.people(session, [wish.asked_by for wish, _payment in wishes])
        edge.note(session, "look", "refunds")
    return render_template(
        "desk/money/refunds.html",
        wishes=wishes[: giving_back.A_PAGE],
        refused=refused[: giving_back.A_PAGE],
        goes_on=after is not None or before is not None,
        more_wishes=len(wishes) > giving_back.A_PAGE,
        more_refused=len(refused) > giving_back.A_PAGE,
        names=names,
        me=me().account_id,
        notice=notice,
        reference=reference,
        words=words,
    )
