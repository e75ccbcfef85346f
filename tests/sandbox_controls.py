"""The sandbox's controls, for tests: what donors, banks, the dashboard and bad luck do.

    controls = Controls.of(sandbox)      # a sandbox in this process: no HTTP, nothing to wait for
    controls = Controls.at(base_url)     # one in another process, by its control address

Money is in pence. A payment is named by the id of its intent (`pi_…`) or of its charge (`ch_…`,
`py_…`). Each call returns the object that came of it as JSON, and raises `CannotDo` where Stripe or
the bank would not.
"""

from collections.abc import Callable
from typing import Any, Self

import requests

from sandbox.handle import Sandbox
from sandbox.stripe.errors import StripeError

Record = dict[str, Any]
SECONDS = 30


class CannotDo(Exception):
    """The sandbox refused; the words are Stripe's or its own."""


class Controls:
    """One sandbox's controls."""

    def __init__(self, do: Callable[[str, Record], Any]) -> None:
        self._do = do

    @classmethod
    def of(cls, sandbox: Sandbox) -> Self:
        """The controls of a sandbox in this process."""

        def do(action: str, wishes: Record) -> Any:  # noqa: ANN401 - an action answers with any JSON
            try:
                return sandbox.do(action, **wishes)
            except StripeError as fault:
                raise CannotDo(str(fault)) from None

        return cls(do)

    @classmethod
    def at(cls, base_url: str) -> Self:
        """The controls of a sandbox that is reached at its own address."""

        def do(action: str, wishes: Record) -> Any:  # noqa: ANN401 - an action answers with any JSON
            answer = requests.post(f"{base_url}/_sandbox/{action}", json=wishes, timeout=SECONDS)
            if not answer.ok:
                raise CannotDo(answer.json()["error"]["message"])
            return answer.json()

        return cls(do)

    def do(self, action: str, **wishes: object) -> Any:  # noqa: ANN401 - an action answers with any JSON
        """Do any action by name, leaving out what is None."""
        return self._do(action, {key: value for key, value in wishes.items() if value is not None})

    # The clock and the whole

    def advance(self, days: int = 0, *, months: int = 0, hours: int = 0, seconds: int = 0) -> int:
        """Put the clock forward; all that falls due has happened. Return the sandbox's time."""
        moved = self.do("advance", months=months, days=days, hours=hours, seconds=seconds)
        return int(moved["now"])

    def settle(self) -> None:
        """Let what Stripe does within a minute by itself happen now: fees, disputes by card."""
        self.do("settle")

    def books(self) -> Record:
        """The sandbox's own truth: `charges`, `payouts`, `subscriptions`, `totals`, `now`."""
        return dict(self.do("books"))

    def reset(self) -> None:
        """Forget everything, the clock and the knobs too."""
        self.do("reset")

    def habits(self, **habits: object) -> Record:
        """Change `settle_seconds`, `debit_days`, `retry_days` ("3,5,7"), `after_retries`
        (cancel, unpaid) or `payouts` (automatic, manual); return all.
        """
        return dict(self.do("habits", **habits))

    # Donors

    def pay(
        self,
        session: str,
        card: str | None = None,
        *,
        account: str | None = None,
        email: str | None = None,
    ) -> str:
        """Pay a Checkout Session without its page; return `done` or `declined`."""
        return str(
            self.do("pay", session=session, card=card, account=account, email=email)["outcome"]
        )

    def expire(self, session: str) -> Record:
        """Let a Checkout Session expire."""
        return dict(self.do("expire", session=session))

    def renew(self, subscription: str) -> Record:
        """End a subscription's period now; when past due, try its invoice again."""
        return dict(self.do("renew", subscription=subscription))

    def change_card(
        self, subscription: str, card: str | None = None, *, account: str | None = None
    ) -> Record:
        """Let a subscription be paid by another test card or account: one that declines, say."""
        return dict(self.do("change_card", subscription=subscription, card=card, account=account))

    def change_expiry(
        self, subscription: str, year: int, month: int, *, by_network: bool = True
    ) -> Record:
        """Let a subscription's card be valid until another month, as its network or owner says."""
        wishes = {"year": year, "month": month, "by_network": by_network}
        return dict(self.do("change_expiry", subscription=subscription, **wishes))

    def change_subscription(
        self,
        subscription: str,
        *,
        amount: int | None = None,
        pause_days: int | None = None,
        unpause: bool | None = None,
    ) -> Record:
        """Change a subscription in Stripe's dashboard: its amount in pence, or a pause."""
        wishes = {"amount": amount, "pause_days": pause_days, "unpause": unpause}
        return dict(self.do("change_subscription", subscription=subscription, **wishes))

    # Direct Debits

    def settle_debit(self, payment: str) -> Record:
        """Let a debit that is under way settle now."""
        return dict(self.do("settle_debit", **_named(payment)))

    def fail_debit(self, payment: str, reason: str | None = None) -> Record:
        """Let a debit that is under way fail now (`insufficient_funds`, `account_closed`, …)."""
        return dict(self.do("fail_debit", **_named(payment), reason=reason))

    def revoke_mandate(self, mandate: str, reason: str | None = None) -> Record:
        """Let the bank revoke a mandate."""
        return dict(self.do("revoke_mandate", mandate=mandate, reason=reason))

    # Refunds

    def refund(self, payment: str, pence: int | None = None, status: str | None = None) -> Record:
        """Refund in Stripe's dashboard; all that is left, or so much; `status` may be `pending`."""
        return dict(self.do("refund", **_named(payment), amount=pence, status=status))

    def settle_refund(self, refund: str) -> Record:
        """Let a pending refund succeed."""
        return dict(self.do("settle_refund", refund=refund))

    def fail_refund(self, refund: str, reason: str | None = None) -> Record:
        """Let a refund fail, pending or long succeeded."""
        return dict(self.do("fail_refund", refund=refund, reason=reason))

    # Disputes and warnings

    def dispute(
        self, payment: str, reason: str | None = None, *, inquiry: bool | None = None
    ) -> Record:
        """Let the bank dispute what is left of a payment, or only inquire."""
        return dict(self.do("dispute", **_named(payment), reason=reason, inquiry=inquiry))

    def answer_dispute(self, dispute: str) -> Record:
        """Submit evidence in the dashboard."""
        return dict(self.do("answer_dispute", dispute=dispute))

    def close_dispute(self, dispute: str, outcome: str) -> Record:
        """Let the bank decide: `won` or `lost`."""
        return dict(self.do("close_dispute", dispute=dispute, outcome=outcome))

    def early_warning(self, payment: str) -> Record:
        """Let the card's network warn of fraud."""
        return dict(self.do("early_warning", **_named(payment)))

    # Payouts

    def payout(self) -> Record:
        """Pay out what is available now, whatever the hour."""
        return dict(self.do("payout"))

    def arrive_payout(self, payout: str) -> Record:
        """Let a payout reach the bank now."""
        return dict(self.do("arrive_payout", payout=payout))

    def fail_payout(self, payout: str, reason: str | None = None) -> Record:
        """Let the bank send a payout back, even after it was paid."""
        return dict(self.do("fail_payout", payout=payout, reason=reason))

    # Faults

    def knob(self, kind: str, count: int = 1, match: str = "*", **more: object) -> None:
        """Order a fault for the next `count` calls or events that match a pattern.

        Calls (`POST /v1/refunds`): `error` with `status`; `hang` for `seconds` (60 at most); `lose`
        the answer.
        Events (`invoice.paid`): `drop`; `duplicate` `times`, perhaps `together`; `delay` by
        `seconds` of the sandbox's clock; `reorder` so many; `alter` a `field` to a `value`.
        """
        self.do("knob", kind=kind, count=count, match=match, **more)

    def clear_knobs(self) -> None:
        """Order no more faults, and let go of calls that hang."""
        self.do("clear_knobs")

    def hold(self, match: str = "*") -> None:
        """Hold the events that come until `release`."""
        self.do("hold", match=match)

    def release(self, order: str = "last first", seed: int = 0) -> int:
        """Send what is held: `last first`, `first first` or `shuffled`; return how many."""
        return int(self.do("release", order=order, seed=seed)["released"])

    def resend(self, event: str) -> None:
        """Send an event again, whether it was taken, dropped or given up."""
        self.do("resend", event=event)

    def hurry(self) -> None:
        """Send now what waits for its time."""
        self.do("hurry")


def _named(payment: str) -> Record:
    return {"payment_intent" if payment.startswith("pi_") else "charge": payment}
