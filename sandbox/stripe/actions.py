"""All that can be done to the sandbox from outside Stripe's API, by name.

The board's buttons, the control address, the command and the tests' client end here.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.knobs import KINDS, Knob
from sandbox.stripe import books, chores, delivering, playing, routing
from sandbox.stripe.accounts import FAILURES as DEBIT_FAILURES
from sandbox.stripe.actions_of_givers import OF_GIVERS
from sandbox.stripe.book import open_book
from sandbox.stripe.calendar import period_end
from sandbox.stripe.errors import StripeError
from sandbox.stripe.paying_out import FAILURES as PAYOUT_FAILURES
from sandbox.stripe.takes import Checker, boolean, choice, group, integer, text
from sandbox.world import World

Wishes = dict[str, Any]
Does = Callable[[World, Wishes], Any]

DAY, HOUR = 86_400, 3_600
LONGEST_ADVANCE = 40 * 366  # days


REFUND_FAILURES = (
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
)
DISPUTE_REASONS = (
    "bank_cannot_process",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "insufficient_funds",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)


class Action(NamedTuple):
    """What can be done: its parameters, what it does, and one line about it."""

    takes: Checker
    does: Does
    about: str


def act(world: World, name: str, wishes: Wishes) -> Any:  # noqa: ANN401 - an action answers with any JSON
    """Do what is named; return its answer as JSON.

    Raises:
        StripeError: there is no such action, a parameter is wrong, or it cannot be done.
    """
    if name not in ACTIONS:
        message = f"There is no action {name}. There are: {', '.join(sorted(ACTIONS))}."
        raise StripeError(404, "invalid_request_error", message)
    action = ACTIONS[name]
    given = {key: _as_text(value) for key, value in wishes.items() if value is not None}
    return action.does(world, action.takes(given, ""))


def _as_text(value: object) -> str:
    """A value as forms hold it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _advance(world: World, wishes: Wishes) -> Wishes:
    now = int(world.clock.now())
    months = period_end(now, wishes.get("months", 0), "month") - now
    spans = {"days": DAY, "hours": HOUR, "minutes": 60, "seconds": 1}
    total = months + sum(wishes.get(name, 0) * span for name, span in spans.items())
    chores.advance(world, total)
    return {"now": int(world.clock.now())}


def _turn(world: World, wishes: Wishes) -> Wishes:
    world.knobs.turn(Knob(**wishes))
    return {"knobs": [vars(knob) for knob in world.knobs.turned()]}


def _clear(world: World, _: Wishes) -> Wishes:
    world.knobs.clear()
    return {"knobs": []}


def _hold(world: World, wishes: Wishes) -> Wishes:
    """Hold what comes until it is released; a `reorder` with no end."""
    return _turn(world, {"kind": "reorder", "count": 10**9, **wishes})


def _release(world: World, wishes: Wishes) -> Wishes:
    for knob in world.knobs.turned():
        if knob.kind == "reorder":
            world.knobs.drop(knob)
    with open_book(world) as book:
        order, seed = wishes.get("order", "last first"), wishes.get("seed", 0)
        return {"released": routing.release(book.connection, book.now, order, seed)}


def _resend(world: World, wishes: Wishes) -> Wishes:
    with open_book(world) as book:
        event = book.get("event", wishes["event"])
        routing.send_at(book.connection, [event["id"]], book.now)
    return {"event": event["id"]}


def _hurry(world: World, _: Wishes) -> Wishes:
    delivering.hurry(world)
    return {"pending": delivering.pending(world)}


def _form_habits(world: World, wishes: Wishes) -> Wishes:
    for name, value in wishes.items():
        setattr(world.habits, name, value)
    return vars(world.habits)


def _reset(world: World, _: Wishes) -> Wishes:
    world.reset()
    return {"reset": True}


def _books(world: World, _: Wishes) -> Wishes:
    with open_book(world) as book:
        return books.all_of(book)


def days(value: object, name: str) -> tuple[int, ...]:
    """Numbers of days, with commas."""
    string = text()(value, name)
    return tuple(integer(1, 60)(each.strip(), name) for each in string.split(","))


PAYMENT: dict[str, Checker] = {"charge": text(), "payment_intent": text()}
KNOB: dict[str, Checker] = {
    "kind": choice(*KINDS),
    "count": integer(1),
    "match": text(),
    "status": integer(400, 599),
    "seconds": integer(0, 400 * DAY),
    "times": integer(2, 50),
    "together": boolean,
    "field": text(),
    "value": text(),
}

ACTIONS: dict[str, Action] = {
    "advance": Action(
        group(
            {
                "months": integer(0, 480),
                "days": integer(0, LONGEST_ADVANCE),
                "hours": integer(0, 24 * LONGEST_ADVANCE),
                "minutes": integer(0),
                "seconds": integer(0),
            }
        ),
        _advance,
        "put the clock forward; all that falls due happens on the way",
    ),
    "pay": Action(
        group(
            {"session": text(), "card": text(), "account": text(), "email": text(), "name": text()},
            required=("session",),
        ),
        playing.pay,
        "pay a Checkout Session without its page, by card or from a bank account",
    ),
    "expire": Action(
        group({"session": text()}, required=("session",)),
        playing.expire,
        "let a Checkout Session expire",
    ),
    "settle_debit": Action(group(PAYMENT), playing.settle_debit, "let a Direct Debit settle now"),
    "fail_debit": Action(
        group({**PAYMENT, "reason": choice(*DEBIT_FAILURES)}),
        playing.fail_debit,
        "let a Direct Debit that is under way fail now",
    ),
    "revoke_mandate": Action(
        group({"mandate": text(), "reason": choice(*DEBIT_FAILURES)}, required=("mandate",)),
        playing.revoke_mandate,
        "let a bank revoke a mandate",
    ),
    "know_fee": Action(group(PAYMENT), playing.know_fee, "let the fee of a payment become known"),
    "settle": Action(
        group({}), playing.settle_all, "let the fees of the last minute become known now"
    ),
    "refund": Action(
        group(
            {
                **PAYMENT,
                "amount": integer(1),
                "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
                "status": choice("succeeded", "pending"),
            }
        ),
        playing.refund,
        "refund a payment in the dashboard, wholly or by amount in pence",
    ),
    "settle_refund": Action(
        group({"refund": text()}, required=("refund",)),
        playing.settle_refund,
        "let a pending refund succeed",
    ),
    "fail_refund": Action(
        group({"refund": text(), "reason": choice(*REFUND_FAILURES)}, required=("refund",)),
        playing.fail_refund,
        "let a refund fail, pending or not",
    ),
    "dispute": Action(
        group({**PAYMENT, "reason": choice(*DISPUTE_REASONS), "inquiry": boolean}),
        playing.dispute,
        "let the giver's bank dispute a payment, or only inquire",
    ),
    "answer_dispute": Action(
        group({"dispute": text()}, required=("dispute",)),
        playing.answer_dispute,
        "submit evidence in the dashboard",
    ),
    "close_dispute": Action(
        group(
            {"dispute": text(), "outcome": choice("won", "lost")}, required=("dispute", "outcome")
        ),
        playing.close_dispute,
        "let the bank decide a dispute",
    ),
    "early_warning": Action(
        group({**PAYMENT, "fraud_type": text()}),
        playing.early_warning,
        "let the card's network warn of fraud",
    ),
    "payout": Action(group({}), playing.pay_out, "pay out what is available"),
    "arrive_payout": Action(
        group({"payout": text()}, required=("payout",)),
        playing.arrive_payout,
        "let a payout reach the bank now",
    ),
    "fail_payout": Action(
        group({"payout": text(), "reason": choice(*PAYOUT_FAILURES)}, required=("payout",)),
        playing.fail_payout,
        "let the bank send a payout back",
    ),
    **{name: Action(*each) for name, each in OF_GIVERS.items()},
    "knob": Action(group(KNOB, required=("kind",)), _turn, "order a fault for what comes next"),
    "clear_knobs": Action(group({}), _clear, "order no more faults, and let go of what hangs"),
    "hold": Action(group({"match": text()}), _hold, "hold events until they are released"),
    "release": Action(
        group({"order": choice("last first", "first first", "shuffled"), "seed": integer()}),
        _release,
        "send the events that are held",
    ),
    "resend": Action(group({"event": text()}, required=("event",)), _resend, "send an event again"),
    "hurry": Action(group({}), _hurry, "send waiting events now"),
    "habits": Action(
        group(
            {
                "settle_seconds": integer(0),
                "debit_days": integer(0, 60),
                "retry_days": days,
                "after_retries": choice("cancel", "unpaid"),
                "payouts": choice("automatic", "manual"),
            }
        ),
        _form_habits,
        "change how the stand-in behaves from now on",
    ),
    "books": Action(group({}), _books, "say what is true: every payment and its money"),
    "reset": Action(group({}), _reset, "forget everything"),
}
