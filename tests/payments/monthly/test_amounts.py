"""A month is held against the amount that counted when its invoice was drawn up."""

import datetime as dt
from itertools import permutations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from core.database import Database
from payments import checking, explaining
from payments.models import MonthlyAmount, Pledge
from payments.monthly import amounts
from payments.monthly.amounts import Amount
from payments.monthly.telling import MOST_REFUSALS
from payments.monthly.wishing import CannotChange, Wish
from payments.settling import Applied
from tests.fakes import START
from tests.payments.monthly.conftest import MONTH, Gift
from tests.postgres import ONLY_GROWS

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


def to(pence: int, cover: int = 0) -> Wish:
    return Wish("amount", amount=Amount(pence, cover))


def now_given(gift: Gift) -> Amount:
    with gift.database.reading() as session:
        return amounts.current(session, session.get_one(Pledge, gift.pledge.id))


def sound(gift: Gift) -> bool:
    with gift.database.reading() as session:
        return checking.faults(session) == []


def test_a_month_after_a_change_is_of_the_new_amount(gift: Gift) -> None:
    gift.clock.move(days=10)
    gift.wish(to(2000, 100))
    assert now_given(gift) == Amount(2000, 100)
    assert gift.told(gift.month(2, 2000, START + MONTH)) is Applied.APPLIED
    assert (gift.payments(), gift.held()) == ([1000, 2000], None)
    assert sound(gift)


def test_a_month_drawn_up_before_the_change_and_paid_after_it_is_of_the_old_amount(
    gift: Gift,
) -> None:
    gift.clock.move(days=31)
    gift.wish(to(2000))
    late = gift.month(2, 1000, START + MONTH, paid_at=START + MONTH + 20 * DAY)
    gift.clock.move(days=20)
    assert gift.told(late) is Applied.APPLIED
    assert gift.told(gift.month(3, 2000, START + 2 * MONTH)) is Applied.APPLIED
    assert gift.held() is None


@pytest.mark.parametrize("pence", [1000, 2000])
@pytest.mark.parametrize("minutes", [-30, 0, 30])
def test_around_the_change_both_amounts_were_agreed_to(
    gift: Gift, pence: int, minutes: int
) -> None:
    at = gift.clock.move(days=10)
    gift.wish(to(2000))
    assert gift.told(gift.month(2, pence, at + minutes * MINUTE)) is Applied.APPLIED
    assert gift.held() is None


@pytest.mark.parametrize(
    ("pence", "made_after"), [(1000, 2 * HOUR), (2000, -2 * HOUR), (1500, DAY), (3000, -DAY)]
)
def test_anything_else_is_held_for_a_person(
    gift: Gift, pence: int, made_after: dt.timedelta
) -> None:
    """The amount of another time, or one that somebody made in Stripe's dashboard."""
    at = gift.clock.move(days=10)
    gift.wish(to(2000))
    assert gift.told(gift.month(2, pence, at + made_after)) is Applied.HELD
    assert (gift.payments(), gift.held()) == ([1000], "amount")


@pytest.mark.parametrize("pence", [1000, 2000])
def test_while_stripes_answer_is_lost_no_month_is_held(gift: Gift, pence: int) -> None:
    gift.clock.move(days=10)
    gift.gateway.deaf = True
    change = gift.wish(to(2000))
    assert now_given(gift) == Amount(1000, 0)
    assert gift.told(gift.month(2, pence, START + MONTH)) is Applied.APPLIED
    gift.clock.move(days=40)
    gift.gateway.deaf = False
    assert gift.tell(change)
    assert len(gift.gateway.changes) == 1, "the same wish under the same key"
    assert now_given(gift) == Amount(2000, 0)
    assert len(gift.letters("agreement_changed")) == 1
    assert (gift.held(), sound(gift)) == (None, True)


def test_months_and_changes_may_be_told_in_any_order_and_twice(gift: Gift) -> None:
    notices = [gift.month(1, 1000, START)]
    for number, pence in enumerate((2000, 500, 700), 2):
        gift.clock.move(days=30)
        notices.append(gift.month(number, (1000, 2000, 500)[number - 2], gift.clock.now()))
        gift.clock.move(hours=2)
        gift.wish(to(pence))
    for order in list(permutations(notices))[:8]:
        for notice in order:
            assert gift.told(notice) in (Applied.APPLIED, Applied.KNOWN)
    assert sorted(gift.payments()) == [500, 1000, 1000, 2000]
    assert (gift.held(), sound(gift)) == (None, True)


def test_what_stripe_refuses_for_good_never_counts(gift: Gift) -> None:
    gift.clock.move(days=10)
    gift.gateway.refusing = True
    change = gift.wish(to(2000))
    for _time in range(MOST_REFUSALS):
        gift.tell(change)
    gift.gateway.refusing = False
    assert not gift.tell(change)
    assert gift.gateway.changes == {}
    assert now_given(gift) == Amount(1000, 0)
    late = START + 2 * MONTH
    gift.clock.moment = late
    assert gift.told(gift.month(2, 2000, late)) is Applied.HELD
    assert gift.told(gift.month(3, 1000, late)) is Applied.APPLIED
    gift.wish(to(3000))
    assert now_given(gift) == Amount(3000, 0)


def test_each_refusal_makes_another_key_and_each_silence_keeps_it(gift: Gift) -> None:
    gift.gateway.down = True
    change = gift.wish(to(2000))
    gift.tell(change)
    gift.gateway.down, gift.gateway.refusing = False, True
    gift.tell(change)
    gift.gateway.refusing = False
    assert gift.tell(change)
    (key,) = gift.gateway.changes
    assert key.startswith("change:")
    assert key.endswith(":1")


def test_one_wish_waits_at_a_time(gift: Gift) -> None:
    gift.gateway.down = True
    gift.wish(to(2000))
    for wish in (to(3000), Wish("pause", months=1), Wish("resume")):
        with pytest.raises(CannotChange):
            gift.wish(wish)


@pytest.mark.parametrize("pence", [1000, 50_001])
def test_the_same_amount_and_one_above_the_laws_threshold_are_no_change(
    gift: Gift, pence: int
) -> None:
    with pytest.raises(CannotChange):
        gift.wish(to(pence))
    gift.wish(to(50_000))


def test_a_lost_wish_ends_with_the_agreement(gift: Gift) -> None:
    gift.gateway.down = True
    change = gift.wish(to(2000))
    gift.told(gift.ended(unpaid=False))
    gift.gateway.down = False
    gift.tell(change)
    assert gift.gateway.changes == {}
    (letter,) = gift.letters("stopped")
    assert letter.values["agreement"]["amount_pence"] == 1000


def test_steps_are_never_changed(gift: Gift) -> None:
    gift.wish(to(2000))

    def spoil(database: Database) -> None:
        with database.transaction() as session:
            session.scalars(select(MonthlyAmount)).first().amount_pence = 1  # type: ignore[union-attr]  # there are two

    with pytest.raises(DatabaseError, match=ONLY_GROWS):
        spoil(gift.database)


def test_the_story_of_a_payment_tells_what_was_asked_and_what_came_of_it(gift: Gift) -> None:
    gift.wish(to(2000))
    with gift.database.reading() as session:
        story = explaining.explain(session, str(gift.pledge.id))
    kinds = [step.kind for step in story.steps]
    assert kinds.index("change_amount") < kinds.index("change_heard")
