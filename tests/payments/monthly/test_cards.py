"""Cards that run out: told once, in time, and only where the card really fails a month."""

import datetime as dt
from dataclasses import replace

import pytest

from members.self_service import stopping
from payments.monthly.expiring import first_month_untaken
from payments.monthly.wishing import Wish
from payments.notices import SubscriptionTouched
from tests.conftest import Work
from tests.fakes import START, FakeMailer
from tests.payments.monthly.conftest import Gift

NOON = dt.time(12, tzinfo=dt.UTC)
JANUARY, FEBRUARY = dt.date(2027, 1, 31), dt.date(2027, 2, 28)


def month_on(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime.combine(dt.date(year, month, day), NOON)


def card(gift: Gift, expires: dt.date | None, **but: object) -> None:
    """Let the card be valid until this day, and Stripe tell that something changed."""
    stood = gift.gateway.standing(gift.subscription)
    gift.gateway.standings[gift.subscription] = replace(stood, card_expires=expires, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise
    gift.told(SubscriptionTouched(livemode=False, subscription=gift.subscription))


def later(gift: Gift, work: Work, days: int) -> None:
    """Let days go by; the worker then looks, asks Stripe, and some hours later looks again."""
    gift.clock.move(days=days)
    work()
    gift.clock.move(hours=3)
    work()


@pytest.mark.parametrize(
    ("period_ends", "expires", "untaken"),
    [
        (month_on(2026, 12, 22), JANUARY, month_on(2027, 2, 22)),
        (month_on(2027, 1, 31), JANUARY, month_on(2027, 2, 28)),
        (month_on(2027, 2, 1), JANUARY, month_on(2027, 2, 1)),
        (month_on(2026, 10, 22), JANUARY, month_on(2027, 2, 22)),
        (None, JANUARY, None),
    ],
)
def test_the_first_month_that_a_card_cannot_pay(
    period_ends: dt.datetime | None, expires: dt.date, untaken: dt.datetime | None
) -> None:
    assert first_month_untaken(period_ends, expires, now=START) == untaken


def test_its_payer_is_told_once_four_weeks_before(
    gift: Gift, work: Work, mailer: FakeMailer
) -> None:
    card(gift, JANUARY)
    later(gift, work, 63)  # 24 January: the month of 22 February is 29 days off
    assert gift.letters("card_expires") == []
    later(gift, work, 3)
    (letter,) = gift.letters("card_expires")
    assert letter.values["due"] == month_on(2027, 2, 22).isoformat()
    later(gift, work, 20)
    assert len(gift.letters("card_expires")) == 1
    (sent,) = [mail for mail in mailer.sent if "runs out" in mail["Subject"]]
    words = " ".join(sent.get_content().split())
    assert "until 31 January 2027. The payment of 22 February 2027 would be the first" in words
    card(gift, FEBRUARY, payment_method="pm_new")
    later(gift, work, 20)
    assert len(gift.letters("card_expires")) == 2


def test_stripe_is_asked_again_before_the_letter_and_what_its_network_renewed_is_good(
    gift: Gift, work: Work
) -> None:
    card(gift, JANUARY)
    work()
    stood = gift.gateway.standing(gift.subscription)
    renewed = replace(stood, card_expires=dt.date(2031, 1, 31))
    gift.gateway.standings[gift.subscription] = renewed  # and nobody told us
    later(gift, work, 75)
    assert gift.letters("card_expires") == []


@pytest.mark.parametrize("why", ["debit", "paused", "ending", "stopped", "stopping"])
def test_whom_it_does_not_concern_is_not_told(gift: Gift, work: Work, why: str) -> None:
    ends = START + dt.timedelta(days=30)
    card(gift, None if why == "debit" else JANUARY, ends_at=ends if why == "ending" else None)
    work()
    if why == "paused":
        gift.wish(Wish("pause", months=6))
    if why == "stopped":
        gift.told(gift.ended(unpaid=False))
    if why == "stopping":
        with gift.database.transaction() as session:
            stopping.ask(session, gift.pledge.id, now=gift.clock.now())
        gift.gateway.down = True
    later(gift, work, 75)
    assert gift.letters("card_expires") == []


def test_a_card_that_has_paid_since_is_good_whatever_is_printed_on_it(
    gift: Gift, work: Work
) -> None:
    card(gift, dt.date(2026, 10, 31))
    later(gift, work, 5)
    assert gift.letters("card_expires") == []
