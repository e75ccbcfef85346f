"""What a giver meets while cards are being tested: a sum done by the browser, or a question."""

import secrets
import threading
import time
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import expect

from core import clock
from payments.protecting import watching
from tests.browser.test_pages import overflow
from tests.browser.visiting import Place, Visitor
from tests.payments.protecting.forms import answer_in, challenge_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
SECONDS = 15
PACE = 0.25


@pytest.fixture
def attack(place: Place) -> Iterator["Attack"]:
    """An attack that a test begins; it is over afterwards."""
    found = Attack(place)
    yield found
    found.be("off")
    found.be("auto")


class Attack:
    """Asks everybody, or nobody, by an operator's word."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def be(self, mode: str) -> None:
        """Say so, and wait until the running service has heard of it."""
        with self.place.database.transaction() as session:
            watching.switch(session, mode, who="test", now=clock.SystemClock().now())
        until = time.monotonic() + SECONDS
        while (challenge_in(self._step_two()) is not None) is not (mode == "on"):
            assert time.monotonic() < until
            threading.Event().wait(PACE)  # or the limit of forms a second meets the visitor too

    def _step_two(self) -> str:
        gift = {"amount": "10", "frequency": "once"}
        answer = requests.post(f"{self.place.url}/donate", gift, timeout=SECONDS)
        answer.raise_for_status()
        return answer.text


def fill_in(visitor: Visitor) -> str:
    """Go to step two and fill it in; return the e-mail address."""
    email = f"giver-{secrets.token_hex(4)}@example.org"
    visitor.go("/donate")
    visitor.write("Amount", "12")
    visitor.choose("Once")
    visitor.press("Continue")
    visitor.write("Name", "Sam Jones")
    visitor.write("E-mail address", email)
    return email


def reached_stripe(visitor: Visitor) -> None:
    visitor.page.wait_for_url(f"{visitor.place.sandbox.stripe}/**")


def test_a_giver_gets_through_an_attack_with_script_and_without(
    visitor: Visitor, attack: Attack, *, script: bool
) -> None:
    email = fill_in(visitor)
    attack.be("on")
    visitor.press("Continue to payment")
    if not script:
        assert "Nothing has been charged" in visitor.words()
        assert visitor.field("E-mail address").input_value() == email
        for width in (320, 768, 1280):
            assert overflow(visitor.page, width) == [], width
        question = visitor.page.locator('label[for="answer"]').inner_text()
        answer = answer_in(visitor.page.content())
        visitor.write(question, str(answer))
        visitor.press("Continue to payment")

    reached_stripe(visitor)


def test_the_work_is_done_while_the_form_is_filled_in(looker: Visitor, attack: Attack) -> None:
    attack.be("on")
    fill_in(looker)
    expect(looker.page.locator('input[name="altcha"]')).not_to_have_value("")
    looker.press("Continue to payment")

    reached_stripe(looker)


def test_nobody_sees_the_trap(looker: Visitor) -> None:
    fill_in(looker)
    trap = looker.page.locator('input[name="remarks"]')

    expect(trap).to_be_hidden()
    assert looker.page.get_by_label("Do not fill this in").count() == 1
    assert "Do not fill this in" not in looker.words()
    assert "Do not fill this in" not in looker.page.locator("main").aria_snapshot()
