"""F38: cards are tested on the running service, in a small form of `benchmarks.card_testing`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from tests.faults.conftest import Build, open_house
from tests.faults.house import House
from tests.organisations import organisation_file
from tests.payments.protecting.forms import answer_in, hidden

DECLINED, GOOD = "4000 0000 0000 0002", "4242 4242 4242 4242"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SHIPPED = {
    "attempts_per_address": 20,
    "attempts_per_email": 10,
    "attempts_a_second_in_all": 10,
    "form_posts_a_second": 1_000_000,  # all come from one address, and fast
}


@pytest.fixture
def house(build: Build, tmp_path: Path) -> Iterator[House]:
    """The service as it is shipped, but for the age of forms."""
    built = build(ORGANISATION_FILE=organisation_file(tmp_path, **SHIPPED))
    with open_house(built) as opened:
        yield opened


def form_of(house: House, number: int) -> dict[str, str]:
    """Return a form of another person, with a token of its own and the price of a stolen card."""
    token = house.form()["token"]
    email = f"giver{number}@example.org"
    gift = {"amount": "1", "frequency": "once", "message": ""}
    return {**gift, "name": "Sam Jones", "email": email, "display": "first", "token": token}


def opened(house: House) -> int:
    """Return how many Checkouts were opened at Stripe."""
    return sum(
        1
        for call in house.sandbox.requests
        if call.method == "POST" and call.path == "/v1/checkout/sessions"
    )


def looks_anew(house: House) -> None:
    """Let the web look at the state anew, as it does every other second."""
    house.app.extensions["gate"].watch.fresh_until = 0.0


def prove(house: House, form: Mapping[str, str], page: str) -> requests.Response:
    """Answer the question: the work is as hard as for those who test cards, at the same address."""
    return house.send({**form, **hidden(page), "answer": str(answer_in(page))})


def test_f38_cards_that_are_tested_do_not_reach_stripe_and_a_donor_gets_through(
    house: House,
) -> None:
    declined = 0
    for number in range(12):  # the first tries find the form open
        answer = house.send(form_of(house, number))
        page = answer.headers["Location"]
        declined += pays(page, DECLINED) == 402
    house.work()
    looks_anew(house)
    before = opened(house)
    statuses = [house.send(form_of(house, 100 + number)).status_code for number in range(150)]
    donor = form_of(house, 1000)
    asked = house.send(donor)
    answer = prove(house, donor, asked.text)

    assert declined == 12
    assert statuses == [422] * 150
    assert answer.status_code == 303
    assert opened(house) == before + 1
    assert pays(answer.headers["Location"], GOOD) == 303
    house.work()
    assert house.raised() == 100
    house.assert_all_is_well()


def test_f38_a_burst_from_one_address_ends_at_twenty(house: House) -> None:
    statuses = [house.send(form_of(house, number)).status_code for number in range(120)]

    assert statuses.count(303) == 20 == opened(house)
    assert statuses[20:] == [422] * 100


def pays(page: str, card: str) -> int:
    """Type a card on Stripe's page; return the status of what comes of it."""
    form = {"card": card, "email": ""}
    return requests.post(page, form, allow_redirects=False, timeout=10).status_code
