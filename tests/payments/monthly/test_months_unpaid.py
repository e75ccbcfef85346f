"""What payers are told of a month that could not be taken: each try once, and nothing too late."""

import datetime as dt
from collections.abc import Callable
from itertools import permutations

import pytest
from sqlalchemy import select

from core.outbox import OutboxMail
from members.self_service import stopping
from payments.notices import Notice
from tests.conftest import Work
from tests.fakes import START, FakeMailer
from tests.payments.monthly.conftest import Gift


def stages(gift: Gift) -> list[str]:
    return [letter.values["stage"] for letter in gift.letters("month_unpaid")]


def waiting(gift: Gift) -> list[str]:
    with gift.database.reading() as session:
        due = select(OutboxMail.template).where(OutboxMail.due_at.is_not(None))
        return list(session.scalars(due.order_by(OutboxMail.id)))


def body(mailer: FakeMailer, subject: str) -> str:
    (found,) = [mail for mail in mailer.sent if subject in mail["Subject"]]
    return str(found.get_content())


@pytest.mark.parametrize(("kind", "word"), [("monthly", "monthly gift"), ("dues", "dues")])
def test_two_letters_and_a_last_word(
    begin: Callable[..., Gift], work: Work, mailer: FakeMailer, kind: str, word: str
) -> None:
    gift = begin(kind)
    gift.clock.move(days=30)
    for attempt, retry in ((1, 3), (2, 5), (3, 7), (4, None)):
        gift.told(gift.unpaid(2, attempt, retry))
        work()
        gift.clock.move(days=retry or 0)
    assert stages(gift) == ["first", "again", "last"]
    gift.told(gift.ended(unpaid=True))
    gift.clock.move(hours=2)
    work()
    first, again = body(mailer, "did not arrive yet"), body(mailer, "this time either")
    assert word in first
    assert "25 December 2026" in first
    assert "30 December 2026" in again
    assert "/me/open?token=" in first
    assert "/me/open?token=" in again
    last = body(mailer, "and thank you")
    assert "You gave £10 in 1 month." in last
    assert ("/join" if kind == "dues" else "/donate?frequency=monthly") in last
    assert not any(mail["Subject"].endswith("could not be taken") for mail in mailer.sent)
    assert gift.letters("stopped") == []


def test_a_try_is_told_once_however_often_and_in_whatever_order_we_hear(gift: Gift) -> None:
    gift.clock.move(days=30)
    tries = [gift.unpaid(2, 1, 3), gift.unpaid(2, 2, 5)]
    for notice in tries * 3:
        gift.told(notice)
    assert stages(gift) == ["first", "again"]
    keys = [letter.key for letter in gift.letters("month_unpaid")]
    assert keys == [f"unpaid:{gift.invoice(2)}:000{attempt}" for attempt in (1, 2)]


def test_the_first_is_not_told_after_the_second(gift: Gift) -> None:
    first, second = gift.unpaid(2, 1), gift.unpaid(2, 2)
    for notice in (second, first):
        gift.told(notice)
    assert stages(gift) == ["again"]


def test_another_months_tries_are_told_again(gift: Gift) -> None:
    gift.told(gift.unpaid(2, 1))
    gift.told(gift.unpaid(20, 1))
    assert stages(gift) == ["first", "first"]


def test_nothing_is_told_of_a_month_that_was_paid_meanwhile(
    gift: Gift, work: Work, mailer: FakeMailer
) -> None:
    mailer.down = True
    failed = gift.unpaid(2, 1)
    gift.told(failed)
    work()
    gift.told(gift.month(2, 1000, START))
    gift.told(failed)
    mailer.down = False
    gift.clock.move(hours=3)
    work()
    assert stages(gift) == ["first"]
    assert "month_unpaid" not in waiting(gift)
    assert not any("did not arrive" in mail["Subject"] for mail in mailer.sent)


@pytest.mark.parametrize("after", [dt.timedelta(days=4), dt.timedelta(days=20)])
def test_old_news_are_no_news(gift: Gift, after: dt.timedelta) -> None:
    notices = [gift.unpaid(2, 1, 3), gift.unpaid(3, 4, None)]
    gift.clock.moment += after
    for notice in notices:
        gift.told(notice)
    assert stages(gift) == []


def test_who_stopped_hears_that_it_stopped_and_nothing_else(gift: Gift) -> None:
    with gift.database.transaction() as session:
        stopping.ask(session, gift.pledge.id, now=gift.clock.now())
    gift.told(gift.unpaid(2, 1))
    gift.told(gift.ended(unpaid=True))
    gift.told(gift.unpaid(2, 2))
    assert stages(gift) == []
    assert gift.letters("ended_unpaid") == []
    assert len(gift.letters("stopped")) == 1


def test_the_end_is_told_once_whichever_way_round_we_hear(
    begin: Callable[..., Gift], work: Work, mailer: FakeMailer
) -> None:
    for order in permutations((0, 1, 2)):
        gift = begin()
        last, ended = gift.unpaid(9, 4, None), gift.ended(unpaid=True)
        notices: list[Notice] = [last, ended, ended]
        for number in order:
            gift.told(notices[number])
    gift.clock.move(hours=2)
    work()
    assert sum("and thank you" in mail["Subject"] for mail in mailer.sent) == 6
    assert not any("could not be taken" in mail["Subject"] for mail in mailer.sent)


def test_where_stripe_gives_up_without_an_end_the_last_try_is_told_an_hour_later(
    gift: Gift, work: Work, mailer: FakeMailer
) -> None:
    gift.told(gift.unpaid(2, 4, None))
    gift.clock.move(minutes=59)
    work()
    assert not any("could not be taken" in mail["Subject"] for mail in mailer.sent)
    gift.clock.move(minutes=2)
    work()
    assert "Change how I pay" in body(mailer, "could not be taken")
