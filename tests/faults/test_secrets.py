"""F40: secrets are changed while people are half-way through."""

import re
from collections.abc import Iterator

import pytest
import requests

from sandbox.handle import Sandbox
from tests.faults.conftest import Build, open_house
from tests.faults.house import session_in, token_in
from tests.journeys.conftest import SECONDS, WEBHOOK_SECRET

NEW_WEBHOOK_SECRET = "whsec_the_next"
OLD_KEY, NEW_KEY = "a key of before; not secret at all", "a key of now; not secret at all"


@pytest.fixture
def rolled(sandbox: Sandbox) -> Iterator[None]:
    """Stripe signs with its new secret."""
    sandbox._world.webhook_secret = NEW_WEBHOOK_SECRET
    yield
    sandbox._world.webhook_secret = WEBHOOK_SECRET


@pytest.mark.usefixtures("rolled")
def test_f40_webhooks_signed_with_the_old_and_the_new_secret_are_both_taken(build: Build) -> None:
    both = f"{NEW_WEBHOOK_SECRET},{WEBHOOK_SECRET}"
    raw = b'{"id": "evt_1", "type": "price.created", "created": 1795000000, "livemode": false}'
    with open_house(build()) as house:  # it knows the old secret only
        session_id = house.give()
        assert house.notify(raw, secret=NEW_WEBHOOK_SECRET) == requests.codes.bad_request
    with open_house(build(STRIPE_WEBHOOK_SECRET=both)) as house:
        assert house.notify(raw, secret=WEBHOOK_SECRET) == requests.codes.ok
        house.work()  # what was refused comes again
        assert house.told(session_id) == "received"
    with open_house(build(STRIPE_WEBHOOK_SECRET=NEW_WEBHOOK_SECRET)) as house:
        assert house.notify(raw, secret=WEBHOOK_SECRET) == requests.codes.bad_request
        house.give(amount="5")
        house.work()
    house.assert_all_is_well()


def test_f40_forms_links_and_sessions_of_the_old_key_still_work(build: Build) -> None:
    browser = requests.Session()
    with open_house(build(SECRET_KEY=OLD_KEY)) as house:
        house.give(frequency="monthly")
        house.work()
        half_way = house.form(amount="5")
        link, other = links(house.sandbox)[0], house.url
        opened = open_pages(browser, house.url, link)
    assert opened == f"{other}/me/giving"
    with open_house(build(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=OLD_KEY)) as house:
        answer = house.send(half_way)
        assert answer.status_code == requests.codes.see_other
        house.controls.pay(session_in(answer.headers["Location"]))
        house.work()
        page = browser.get(f"{house.url}/me/giving", timeout=SECONDS)
        assert (page.url, page.ok) == (f"{house.url}/me/giving", True)
        assert "£10 every month" in page.text
    with open_house(build(SECRET_KEY=NEW_KEY)) as house:  # the window is over
        assert house.send(half_way).status_code == requests.codes.unprocessable_entity
    house.assert_all_is_well()


def links(sandbox: Sandbox) -> list[str]:
    """Return the links to one's own pages in the letters, newest first."""
    texts = [str(each["text"]) for each in sandbox.letters()]
    return [found[0] for text in texts if (found := re.search(r"\S+/me/open\?token=\S+", text))]


def open_pages(browser: requests.Session, url: str, link: str) -> str:
    """Open one's own pages by a link; return where that leads."""
    token = token_in(browser.get(link, timeout=SECONDS).text)
    headers = {"Origin": url}
    answer = browser.post(f"{url}/me/open", {"token": token}, headers=headers, timeout=SECONDS)
    return answer.url
