"""The desk at a real browser: from the letter to the accounts, and every page of it fits."""

import pytest
from playwright.sync_api import expect

from staff.principal import Role
from tests.browser.sitting import invited, type_code
from tests.browser.test_pages import WIDTHS, overflow
from tests.browser.visiting import Visitor
from tests.staff.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def fits(visitor: Visitor, name: str) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)
    for width in WIDTHS:
        assert overflow(visitor.page, width) == [], (name, width)


def test_an_invited_admin_sets_up_an_authenticator_and_finds_the_accounts(visitor: Visitor) -> None:
    email, link = invited(visitor, Role.ADMIN)
    assert visitor.go("/desk/sign-in") == 200
    fits(visitor, "sign-in")
    assert visitor.go(link) == 200
    fits(visitor, "invitation")
    visitor.write("New password", "too short")
    visitor.press("Go on")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.write("New password", PASSWORD)
    visitor.press("Go on")
    assert visitor.heading() == "Set up your authenticator"
    expect(visitor.page.locator(".secret svg")).to_be_visible()
    fits(visitor, "set-up")
    type_code(visitor)
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
