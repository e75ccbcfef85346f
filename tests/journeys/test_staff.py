"""An invitation by command, the letter in the sandbox's mailbox, an authenticator, the desk."""

import re

import pyotp
import pytest
import requests

from tests.journeys.conftest import SECONDS, House
from tests.members.conftest import csrf_in, token_in
from tests.staff.conftest import secret_in

ADA = "ada@example.org"
PASSWORD = "violet ladder thursday hum"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_invitation_by_command_leads_to_the_desk(house: House) -> None:
    arguments = ["staff", "invite", ADA, "--role", "organiser", "--region", "london"]
    invited = house.app.test_cli_runner().invoke(args=arguments)
    assert invited.exit_code == 0, invited.output
    house.work()
    (letter,) = house.sandbox.letters(ADA)
    found = re.search(rf"{house.url}/desk/invitation\?token=(\S+)", str(letter["text"]))
    assert found, letter
    with requests.Session() as browser:
        browser.headers["Origin"] = house.url
        page = browser.get(found[0], timeout=SECONDS).text
        form = {"token": token_in(page), "link": found[1], "new_password": PASSWORD}
        page = browser.post(f"{house.url}/desk/invitation", form, timeout=SECONDS).text
        secret = secret_in(page)
        desk = _type(browser, house, "set-up", page, secret)
        assert "Your recovery codes" in desk
        csrf = csrf_in(browser.get(f"{house.url}/desk", timeout=SECONDS).text)
        browser.post(f"{house.url}/desk/sign-out", {"csrf_token": csrf}, timeout=SECONDS)
        house.clock.move(seconds=60)
        page = browser.get(f"{house.url}/desk", timeout=SECONDS).text
        form = {"token": token_in(page), "email": ADA, "password": PASSWORD}
        page = browser.post(f"{house.url}/desk/sign-in", form, timeout=SECONDS).text
        assert "Today" in _type(browser, house, "code", page, secret)
        assert "London" in browser.get(f"{house.url}/desk/account", timeout=SECONDS).text


def _type(browser: requests.Session, house: House, step: str, page: str, secret: str) -> str:
    """Type what the telephone shows; give the page that it leads to."""
    code = pyotp.TOTP(secret).at(int(house.clock.now().timestamp()))
    form = {"csrf_token": csrf_in(page), "code": code}
    answer = browser.post(f"{house.url}/desk/sign-in/{step}", form, timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return answer.text
