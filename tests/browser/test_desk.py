"""The desk at a real browser: from the letter to the accounts, and every page of it fits."""

import datetime as dt
import re
import uuid

import pyotp
import pytest
from playwright.sync_api import expect

from core.addresses import EmailAddress
from staff import inviting
from staff.accounts import Post
from staff.principal import Role
from tests.browser.test_pages import WIDTHS, overflow
from tests.browser.visiting import Visitor
from tests.staff.conftest import PASSWORD, secret_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def fits(visitor: Visitor, name: str) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)
    for width in WIDTHS:
        assert overflow(visitor.page, width) == [], (name, width)


def test_an_invited_admin_sets_up_an_authenticator_and_finds_the_accounts(visitor: Visitor) -> None:
    email = f"{uuid.uuid4().hex}@example.org"
    with visitor.place.database.transaction() as session:
        now = dt.datetime.now(dt.UTC)
        inviting.invite(session, EmailAddress.parse(email), Post(Role.ADMIN), by=None, now=now)
    (letter,) = visitor.place.sandbox.wait_for_letters(email)
    found = re.search(r"(/desk/invitation\?token=\S+)", str(letter["text"]))
    assert found
    assert visitor.go("/desk/sign-in") == 200
    fits(visitor, "sign-in")
    assert visitor.go(found[1]) == 200
    fits(visitor, "invitation")
    visitor.write("New password", "too short")
    visitor.press("Go on")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.write("New password", PASSWORD)
    visitor.press("Go on")
    assert visitor.heading() == "Set up your authenticator"
    expect(visitor.page.locator(".secret svg")).to_be_visible()
    fits(visitor, "set-up")
    secret = secret_in(visitor.page.content())
    visitor.write("Code", pyotp.TOTP(secret).at(int(dt.datetime.now(dt.UTC).timestamp())))
    visitor.press("Use this authenticator")
    assert visitor.heading() == "Your recovery codes"
    fits(visitor, "recovery codes")
    visitor.follow("I have kept them")
    assert visitor.heading() == "Desk"
    for path in ("", "/account", "/account/password", "/accounts", "/accounts/audit"):
        assert visitor.go(f"/desk{path}") == 200
        fits(visitor, path)
    visitor.go("/desk/accounts")
    visitor.follow(email)
    fits(visitor, "one account")
    visitor.press("Sign out")
    assert visitor.heading() == "Sign in to the desk"
