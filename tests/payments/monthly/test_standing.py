"""How an agreement stands is read from Stripe, whatever the notices say and in whatever order."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from payments.models import MonthlyStanding
from payments.monthly import standing
from payments.monthly.wishing import CannotChange, Wish, is_paused
from payments.notices import SubscriptionState, SubscriptionTouched
from payments.settling import Applied
from tests.conftest import Work
from tests.fakes import START, FakeGateway
from tests.payments.monthly.conftest import Gift

LATER = START + dt.timedelta(days=90)


def stood(gift: Gift) -> MonthlyStanding:
    with gift.database.reading() as session:
        found = standing.of(session, gift.pledge.id)
        assert found is not None
        return found


def touched(gift: Gift, **named: str) -> SubscriptionTouched:
    return SubscriptionTouched(
        livemode=False,
        **(named or {"subscription": gift.subscription}),  # type: ignore[arg-type]  # names only
    )


def at_stripe(gift: Gift, **but: object) -> None:
    """Somebody changes it at Stripe's side."""
    now = gift.gateway.standing(gift.subscription)
    gift.gateway.standings[gift.subscription] = replace(now, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise


def test_a_new_agreement_is_asked_about_once(gift: Gift, work: Work) -> None:
    work()
    work()
    assert gift.gateway.calls.count("subscription") == 1
    assert stood(gift).card_expires == dt.date(2034, 12, 31)


def test_a_pause_leaves_out_exactly_so_many_months(gift: Gift, work: Work) -> None:
    work()
    gift.clock.move(days=5)
    gift.wish(Wish("pause", months=3))
    (order,) = gift.gateway.changes.values()
    # The months of 22 December, January and February are left out; that of March is taken.
    assert order.until == dt.datetime(2027, 3, 21, 12, 0, tzinfo=dt.UTC)
    assert is_paused(stood(gift), now=gift.clock.now())
    assert not is_paused(stood(gift), now=order.until)
    (letter,) = gift.letters("agreement_changed")
    assert letter.values["until"] == order.until.isoformat()


def test_a_pause_is_not_paused_again_nor_what_runs_gone_on_with(gift: Gift) -> None:
    with pytest.raises(CannotChange):
        gift.wish(Wish("resume"))
    gift.wish(Wish("pause", months=1))
    with pytest.raises(CannotChange):
        gift.wish(Wish("pause", months=2))
    gift.wish(Wish("resume"))
    assert not stood(gift).paused
    gift.wish(Wish("pause", months=6))


@pytest.mark.parametrize("months", [0, -1, 4, 12, 1000])
def test_a_pause_is_of_the_months_that_are_offered(gift: Gift, months: int) -> None:
    with pytest.raises(CannotChange):
        gift.wish(Wish("pause", months=months))


def test_dues_are_neither_paused_nor_changed(begin: Callable[..., Gift]) -> None:
    dues = begin("dues")
    with pytest.raises(CannotChange):
        dues.wish(Wish("pause", months=1))


@pytest.mark.parametrize("names", [{}, {"customer": "cus"}, {"payment_method": "pm"}])
def test_what_is_changed_at_stripe_is_taken_up_once_and_again(
    gift: Gift, work: Work, names: dict[str, str]
) -> None:
    work()
    real = {
        "customer": f"cus_{gift.pledge.id.hex}",
        "payment_method": f"pm_{gift.subscription}",
    }
    notice = touched(gift, **{name: real[name] for name in names})
    at_stripe(gift, paused=True, resumes_at=LATER, card_expires=dt.date(2027, 1, 31))
    for _time in range(3):
        assert gift.told(notice) is Applied.APPLIED
    work()
    row = stood(gift)
    assert (row.paused, row.resumes_at, row.card_expires) == (True, LATER, dt.date(2027, 1, 31))
    at_stripe(gift, paused=False, resumes_at=None)
    gift.told(notice)  # the very same, late
    work()
    assert not stood(gift).paused


def test_what_speaks_of_nobody_we_know_is_unknown(gift: Gift, work: Work) -> None:
    work()
    for name in ({"subscription": "sub_x"}, {"customer": "cus_x"}, {"payment_method": "pm_x"}):
        assert gift.told(touched(gift, **name)) is Applied.UNKNOWN


def test_live_news_of_a_test_account_are_held(gift: Gift) -> None:
    assert gift.told(replace(touched(gift), livemode=True)) is Applied.HELD


def test_an_end_asks_nothing_more(gift: Gift, work: Work) -> None:
    work()
    gift.told(gift.ended(unpaid=False))
    gift.told(touched(gift))
    work()
    assert gift.gateway.calls.count("subscription") == 1


@dataclass(slots=True)
class InterruptedGateway(FakeGateway):
    """While it answers how an agreement stands, something happens."""

    meanwhile: object = None

    def subscription(self, subscription: str) -> SubscriptionState:
        state = FakeGateway.subscription(self, subscription)
        happens, self.meanwhile = self.meanwhile, None
        if callable(happens):
            happens()
        return state


@pytest.fixture
def gateway() -> InterruptedGateway:
    return InterruptedGateway()


def test_what_was_read_before_a_wish_was_heard_is_not_kept_after_it(
    gift: Gift, work: Work, gateway: InterruptedGateway
) -> None:
    """A worker reads that it runs, the giver pauses it, and the worker comes to keep the old."""
    gateway.meanwhile = lambda: gift.wish(Wish("pause", months=1))
    work()
    assert stood(gift).paused
    assert gateway.calls.count("subscription") == 2, "it was read again"


def test_silence_and_refusal_of_stripe_keep_nobody_waiting(gift: Gift, work: Work) -> None:
    gift.gateway.down = True
    work()
    assert stood(gift).known_at is None
    gift.gateway.down = False
    gift.clock.move(minutes=5)
    work()
    assert stood(gift).known_at == gift.clock.now()
    gift.told(touched(gift))
    gift.gateway.refusing = True
    work()
    assert (stood(gift).due_at, stood(gift).last_error) == (None, "refused")
