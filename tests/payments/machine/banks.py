"""What Stripe, banks and the treasurer do: money back, arguments, payouts, renewals, time."""

import contextlib

import requests
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.payments.machine.base import Base, pick
from tests.payments.machine.donors import BAD_ACCOUNT, CARD, DECLINED, SECONDS

PARTS = st.sampled_from([None, 1, 100, 400])
SPANS = st.sampled_from(
    [
        {"hours": 1},
        {"hours": 3},
        {"days": 1},
        {"days": 5},
        {"days": 9},
        {"months": 1},
        {"months": 2},
    ]
)
PIECES = 4


class Banks(Base):
    """The far side of the payment."""

    @precondition(lambda self: self.paid())
    @rule(which=pick, pence=PARTS, pending=st.booleans())
    def refund_in_the_dashboard(self, which: int, pence: int | None, *, pending: bool) -> None:
        """The treasurer gives money back at Stripe."""
        status = "pending" if pending else None
        intent = self._intent(which)
        self.outside("refunds", lambda: self.stage.controls.refund(intent, pence, status))

    @precondition(lambda self: self.paid())
    @rule(which=pick, pounds=st.sampled_from([None, "0.01", "1", "4"]))
    def refund_by_our_command(self, which: int, pounds: str | None) -> None:
        """The treasurer gives money back here."""
        amount = ["--amount", pounds] if pounds else []
        self.stage.run("refund", self._intent(which), *amount, "--why", "asked for it")
        self.stage.tally["refunds asked"] += 1

    @precondition(lambda self: self.refunds())
    @rule(which=pick, fails=st.booleans())
    def a_refund_goes_on(self, which: int, *, fails: bool) -> None:
        """A refund fails, soon or late; or one that was pending succeeds."""
        refunds, controls = self.refunds(), self.stage.controls
        refund = refunds[which % len(refunds)]
        step = controls.fail_refund if fails else controls.settle_refund
        self.outside("refunds that went on", lambda: step(refund))

    @precondition(lambda self: self.paid())
    @rule(which=pick, inquiry=st.booleans())
    def dispute(self, which: int, *, inquiry: bool) -> None:
        """A payer's bank asks for the money, or only asks."""
        intent = self._intent(which)
        self.outside("disputes", lambda: self.stage.controls.dispute(intent, inquiry=inquiry))

    @precondition(lambda self: self.disputes())
    @rule(which=pick, how=st.sampled_from(["answered", "won", "lost"]))
    def a_dispute_goes_on(self, which: int, how: str) -> None:
        """Evidence is handed in, or the bank decides."""
        disputes, controls = self.disputes(), self.stage.controls
        dispute = disputes[which % len(disputes)]
        if how == "answered":
            self.outside("disputes that went on", lambda: controls.answer_dispute(dispute))
        else:
            self.outside("disputes that went on", lambda: controls.close_dispute(dispute, how))

    @precondition(lambda self: self.paid())
    @rule(which=pick)
    def warn(self, which: int) -> None:
        """A card's issuer warns of fraud."""
        intent = self._intent(which)
        self.outside("warnings", lambda: self.stage.controls.early_warning(intent))

    @rule()
    def pay_out(self) -> None:
        """Stripe pays out what it has."""
        self.outside("payouts", self.stage.controls.payout)

    @precondition(lambda self: self.books["payouts"])
    @rule(which=pick, fails=st.booleans())
    def a_payout_goes_on(self, which: int, *, fails: bool) -> None:
        """A payout reaches the bank, or the bank sends it back."""
        payouts, controls = self.books["payouts"], self.stage.controls
        payout = payouts[which % len(payouts)]["id"]
        step = controls.fail_payout if fails else controls.arrive_payout
        self.outside("payouts that went on", lambda: step(payout))

    @precondition(lambda self: self.running())
    @rule(which=pick)
    def renew(self, which: int) -> None:
        """A month ends before its time; or what was not paid is tried again."""
        subscription = self._subscription(which)
        charges = [each for each in self.books["charges"] if each["subscription"] == subscription]
        if any(each["status"] == "pending" for each in charges):
            return  # no month ends before the first debit of it has
        self.stage.controls.advance(seconds=60)  # no two months are paid at one moment
        self.outside("renewals", lambda: self.stage.controls.renew(subscription))

    @precondition(lambda self: self.running())
    @rule(which=pick, means=st.sampled_from([CARD, DECLINED, BAD_ACCOUNT]))
    def pay_by_something_else(self, which: int, means: str) -> None:
        """A monthly giver changes the card."""
        by = {"card": means} if means != BAD_ACCOUNT else {"account": means}
        subscription, controls = self._subscription(which), self.stage.controls
        self.outside(
            "changed cards", lambda: controls.do("change_card", subscription=subscription, **by)
        )

    @precondition(lambda self: self.running())
    @rule(which=pick)
    def cancel_at_stripe(self, which: int) -> None:
        """Somebody ends a monthly gift at Stripe."""
        address = f"{self.stage.sandbox.stripe}/v1/subscriptions/{self._subscription(which)}"
        key = self.stage.settings.stripe_api_key
        with contextlib.suppress(requests.ConnectionError):  # an answer may be lost here, too
            requests.delete(address, auth=(key, ""), timeout=SECONDS)

    @rule(span=SPANS, awake=st.booleans())
    def time_passes(self, span: dict[str, int], *, awake: bool) -> None:
        """Time goes by, and Stripe's own chores are done; awake, the house hears of them."""
        stage = self.stage
        if not awake:
            stage.controls.advance(**span)
            return
        began = stage.sandbox.now()
        days = span.get("days", 0) + 30 * span.get("months", 0)
        hours = span.get("hours", 0) + 24 * days
        while (rest := began + 3600 * hours - stage.sandbox.now()) >= 1:
            stage.controls.advance(seconds=min(int(rest), 3600 * hours // PIECES))
            stage.tell_all()
            stage.work()

    @rule()
    def a_moment_passes(self) -> None:
        """What Stripe does within moments is done: fees become known."""
        self.stage.controls.settle()

    def _intent(self, which: int) -> str:
        paid = self.paid()
        return str(paid[which % len(paid)]["payment_intent"])

    def _subscription(self, which: int) -> str:
        running = self.running()
        return str(running[which % len(running)]["id"])
