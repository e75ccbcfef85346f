"""What reconciling finds."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from payments.notices import (
    CheckoutState,
    DisputeState,
    FraudWarned,
    InvoicePaid,
    Notice,
    PayoutState,
    RefundState,
    SubscriptionEnded,
)


class Kind(StrEnum):
    """How our books and Stripe's differ."""

    LACKING = "lacking"
    DISAGREES = "disagrees"
    NOT_COMPARED = "not-compared"
    NOT_AT_STRIPE = "not-at-stripe"
    NOT_ENDED = "not-ended"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same here and there.

    `what` is the kind of thing, `name` its id at Stripe, `state` how it stands at Stripe, and
    `pledge_id` the pledge of ours that it belongs to, where that is known.
    """

    kind: Kind
    what: str
    name: str
    state: str = ""
    pledge_id: uuid.UUID | None = None
    mended: bool = False


@dataclass(slots=True)
class Tally:
    """How many objects of Stripe's were looked at, and what became of them.

    `of_lost_pledges` counts those among `not_ours` that name a pledge, though none that we have:
    another use of the same account, or what a restored backup has forgotten.
    """

    looked_at: int = 0
    not_ours: int = 0
    of_lost_pledges: int = 0
    differences: int = 0
    mended: int = 0

    @property
    def left(self) -> int:
        """How many differences remain."""
        return self.differences - self.mended


_OBJECTS: dict[type[Notice], tuple[str, Callable[[Any], str], Callable[[Any], str]]] = {
    CheckoutState: ("Checkout", attrgetter("session_id"), attrgetter("outcome.value")),
    InvoicePaid: ("invoice", attrgetter("invoice"), lambda _: "paid"),
    SubscriptionEnded: ("subscription", attrgetter("subscription"), lambda _: "ended"),
    RefundState: ("refund", attrgetter("refund"), attrgetter("status")),
    DisputeState: ("dispute", attrgetter("dispute"), attrgetter("status")),
    FraudWarned: ("fraud warning", attrgetter("warning"), attrgetter("kind")),
    PayoutState: ("payout", attrgetter("payout"), attrgetter("status")),
}


def is_object(notice: Notice) -> bool:
    """Say whether a notice tells how a thing stands at Stripe, and not merely of an event."""
    return type(notice) in _OBJECTS


def difference(
    kind: Kind, notice: Notice, *, pledge_id: uuid.UUID | None, mended: bool
) -> Difference:
    """Return how the thing that a notice speaks of differs."""
    what, name, state = _OBJECTS[type(notice)]
    return Difference(kind, what, name(notice), state(notice), pledge_id, mended)
