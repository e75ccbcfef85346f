"""The admins' desk at a real browser: numbers, health, the audit's links, a request answered."""

import datetime as dt
import uuid

import pytest
from playwright.sync_api import ViewportSize, expect

from core.addresses import EmailAddress
from members.protection import asking
from members.protection.asking import Asked
from staff.principal import Role
from tests.browser.sitting import sit_down
from tests.browser.test_desk import fits
from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
_PHONE: ViewportSize = {"width": 360, "height": 740}
_DESK: ViewportSize = {"width": 1280, "height": 800}


def test_an_admin_reads_the_numbers_and_answers_a_request(
    visitor: Visitor, *, script: bool
) -> None:
    name, now = f"Rosa {uuid.uuid4().hex[:8]}", dt.datetime.now(dt.UTC)
    asked = Asked("erasure", name, EmailAddress.parse("rosa@example.org"), "All of it, please")
    with visitor.place.database.transaction() as session:
        asking.ask(
            session, asked, form_nonce=uuid.uuid4().hex, office="office@example.org", now=now
        )
    visitor.page.set_viewport_size(_PHONE if script else _DESK)
    sit_down(visitor, Role.ADMIN)
    visitor.go("/desk/numbers")
    picture = visitor.page.get_by_role("img", name="Joined", exact=True)
    expect(picture).to_be_visible()
    visitor.page.get_by_text("The same as a table").first.click()
    expect(visitor.page.get_by_role("table", name="Joined")).to_be_visible()
    fits(visitor, "numbers")
    for path in ("health", "retention?count=now", "accounts/audit/export"):
        assert visitor.go(f"/desk/{path}") == 200
        fits(visitor, path)
    visitor.go("/desk/accounts/audit")
    visitor.follow("Searches")
    assert visitor.page.url.endswith("kind=search")
    visitor.follow("In seven days")
    assert "kind=search" in visitor.page.url
    fits(visitor, "audit")
    visitor.go("/desk/requests")
    fits(visitor, "requests")
    row = visitor.page.get_by_role("listitem").filter(has_text=name)
    with visitor.page.expect_navigation():
        row.get_by_role("link").click()
    expect(visitor.page.get_by_text("All of it, please")).to_be_visible()
    fits(visitor, "request")
    visitor.press("They were told that we have it")
    visitor.press("Note that it is answered")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.write("What came of it", "Erased, and told so")
    visitor.press("Note that it is answered")
    expect(visitor.page.get_by_text("Erased, and told so")).to_be_visible()
    assert visitor.faults == []
