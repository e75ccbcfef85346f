"""A monthly giver over the months, with Stripe's stand-in: pause, another amount, cards, unpaid."""

import re

import pytest
import requests
from sqlalchemy import select

from core.database import Database
from payments import checking
from payments.models import MonthlyStanding, Payment, Pledge
from tests.journeys.conftest import SECONDS, House
from tests.sandbox_controls import Controls

SAM = "sam@example.org"


class Giver:
    """Somebody at their own pages, in a browser of their own."""

    def __init__(self, house: House) -> None:
        self.house, self.browser = house, requests.Session()
        self.open(self.newest_link())

    def newest_link(self) -> str:
        for letter in self.house.sandbox.letters(SAM):  # newest first
            found = re.search(r"(/me/open\?token=\S+)", str(letter["text"]))
            if found:
                return found[1]
        raise AssertionError("no letter carries a link")

    def open(self, link: str) -> str:
        page = self.browser.get(self.house.url + link, timeout=SECONDS)
        return self._send("/me/open", page.text).url

    def page(self) -> str:
        return self.browser.get(f"{self.house.url}/me/giving", timeout=SECONDS).text

    def press(self, what: str, **fields: str) -> str:
        page = self.page()
        found = re.search(rf'(?:href|action)="(/me/{what}/[^"]+)"', page)
        assert found, page
        return self._send(found[1], page, **fields).text

    def _send(self, path: str, page: str, **fields: str) -> requests.Response:
        hidden = re.findall(r'name="(token|csrf_token|to)" value="([^"]+)"', page)
        form = {**dict(hidden), **fields}
        origin = {"Origin": self.house.url, "Referer": self.house.url}
        answer = self.browser.post(self.house.url + path, form, headers=origin, timeout=SECONDS)
        assert answer.ok, answer.text
        return answer


@pytest.fixture
def controls(house: House) -> Controls:
    found = Controls.of(house.sandbox)
    found.habits(payouts="manual", retry_days="3,5")
    return found


@pytest.fixture
def monthly(house: House, controls: Controls) -> str:
    """The subscription of a gift of £10 a month, paid once."""
    session_id = house.checkout(frequency="monthly").rpartition("/")[2].partition("#")[0]
    controls.pay(session_id)
    house.work()
    (subscription,) = controls.books()["subscriptions"]
    return str(subscription["id"])


def later(house: House, controls: Controls, days: int) -> None:
    controls.advance(days=days, hours=2)
    house.clock.move(days=days, hours=2)
    house.work()


def paid(database: Database) -> list[int]:
    with database.reading() as session:
        assert checking.faults(session) == []
        return list(session.scalars(select(Payment.amount_pence).order_by(Payment.paid_at)))


def subjects(house: House) -> list[str]:
    return [str(letter["subject"]) for letter in reversed(house.sandbox.letters(SAM))]


@pytest.mark.usefixtures("monthly")
def test_a_pause_leaves_its_months_out_and_a_change_counts_from_the_next(
    house: House, controls: Controls, database: Database
) -> None:
    giver = Giver(house)
    assert "Paused until" in giver.press("pause", months="1")
    house.work()
    later(house, controls, 32)
    assert paid(database) == [1000]
    later(house, controls, 29)
    assert paid(database) == [1000, 1000], "and it went on by itself"
    with database.reading() as session:
        assert not session.scalars(select(MonthlyStanding)).one().paused
    giver = Giver(house)
    assert "£25 every month" in giver.press("change", amount="25")
    later(house, controls, 32)
    assert paid(database) == [1000, 1000, 2500]
    assert any("is paused" in each for each in subjects(house))
    assert any("is now £25" in each for each in subjects(house))


def test_a_lost_answer_and_shuffled_news_leave_nothing_held(
    house: House, controls: Controls, database: Database, monthly: str
) -> None:
    giver = Giver(house)
    controls.knob("lose", count=2, match="POST /v1/subscriptions/*")
    assert "telling the payment company" in giver.press("change", amount="25")
    controls.hold()
    controls.advance(days=32, hours=2)
    house.clock.move(days=32, hours=2)
    controls.release("shuffled", seed=5)
    house.work()
    house.clock.move(minutes=5)
    house.work()
    assert paid(database) == [1000, 2500]
    with database.reading() as session:
        assert session.scalars(select(Pledge)).one().held_because is None
    found = house.sandbox.find(monthly)
    assert found is not None
    assert len(found["items"]["data"]) == 1


def test_what_is_changed_in_the_dashboard_shows_and_its_money_is_held(
    house: House, controls: Controls, database: Database, monthly: str
) -> None:
    controls.change_subscription(monthly, pause_days=20)
    house.work()
    assert "Paused until" in Giver(house).page()
    controls.change_subscription(monthly, unpause=True)
    controls.change_subscription(monthly, amount=99_00)
    later(house, controls, 32)
    with database.reading() as session:
        assert session.scalars(select(Pledge)).one().held_because == "amount"
        assert len(session.scalars(select(Payment)).all()) == 1


def test_unpaid_months_are_told_in_stages_with_a_last_word(
    house: House, controls: Controls, monthly: str
) -> None:
    controls.change_card(monthly, "4000 0000 0000 9995")
    later(house, controls, 31)
    later(house, controls, 3)
    later(house, controls, 5)
    house.clock.move(hours=2)
    house.work()
    told = [each for each in subjects(house) if "Receipt" not in each]
    assert told == [
        "Your monthly gift of £10 did not arrive yet",
        "Your monthly gift of £10 could not be taken this time either",
        "Your monthly gift has ended, and thank you",
    ]


def test_a_card_that_runs_out_is_told_unless_its_network_renews_it(
    house: House, controls: Controls, monthly: str
) -> None:
    now = house.clock.now()
    controls.change_expiry(monthly, now.year, now.month, by_network=False)
    house.work()
    later(house, controls, 5)
    house.clock.move(hours=2)
    house.work()
    assert subjects(house).count("Your card runs out soon") == 1
    controls.change_expiry(monthly, now.year + 3, now.month)
    later(house, controls, 60)
    assert subjects(house).count("Your card runs out soon") == 1
