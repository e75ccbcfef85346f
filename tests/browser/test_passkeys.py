"""A passkey at a real browser: made with the invitation, and the whole way in the next time."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from staff.principal import Role
from tests.browser.conftest import serving
from tests.browser.sitting import invited
from tests.browser.test_desk import fits
from tests.browser.visiting import Place, Visitor
from tests.journeys.conftest import environ
from tests.staff.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def named(
    browser: Browser, place: Place, index_file: Path, tmp_path: Path
) -> Iterator[tuple[Visitor, CDPSession]]:
    """The service under a name, as passkeys need it, and a visitor with an authenticator."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        url = place.database.engine.url.render_as_string(hide_password=False)
        wishes = environ(place.sandbox, database_url=url, index=index_file, port=port)
        wishes["PUBLIC_URL"] = f"http://localhost:{port}"
        with serving(door, wishes, tmp_path / "web.log"):
            context = browser.new_context(locale="en-GB")
            context.set_default_timeout(30_000)  # the service begins with the first page
            visitor = Visitor(context.new_page(), replace(place, url=wishes["PUBLIC_URL"]))
            yield visitor, context.new_cdp_session(visitor.page)
            context.close()
    assert visitor.faults == []
    assert "Traceback" not in (tmp_path / "web.log").read_text(encoding="utf-8")


def test_a_passkey_is_made_with_the_invitation_and_signs_in_alone(
    named: tuple[Visitor, CDPSession],
) -> None:
    visitor, devices = named
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "automaticPresenceSimulation": True,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.enable")
    key_id = devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    _email, link = invited(visitor, Role.ADMIN)
    visitor.go(link)
    visitor.write("New password", PASSWORD)
    visitor.press("Go on")
    fits(visitor, "set-up")
    visitor.press("Make a passkey")
    assert visitor.heading() == "Your recovery codes"
    visitor.go("/desk/account/passkeys")
    fits(visitor, "passkeys")
    visitor.press("Sign out")
    devices.send("WebAuthn.setUserVerified", {**key_id, "isUserVerified": False})
    visitor.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(visitor.page.get_by_role("status")).to_contain_text("nothing was changed")
    devices.send("WebAuthn.setUserVerified", {**key_id, "isUserVerified": True})
    visitor.press("Sign in with a passkey")
    assert visitor.heading() == "Desk"
