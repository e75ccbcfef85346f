"""The desk of branches at a real browser: told anew, looked at, and changed with a preview."""

import uuid

import pytest
from playwright.sync_api import ViewportSize, expect

from staff.principal import Role
from tests.browser.sitting import sit_down
from tests.browser.test_desk import fits
from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
_PHONE: ViewportSize = {"width": 360, "height": 740}
_DESK: ViewportSize = {"width": 1280, "height": 800}


def test_an_admin_tells_a_branch_anew_and_changes_what_it_looks_after(
    visitor: Visitor, *, script: bool
) -> None:
    name = f"Wood Street {uuid.uuid4().hex[:6]}"
    visitor.page.set_viewport_size(_PHONE if script else _DESK)
    sit_down(visitor, Role.ADMIN)
    visitor.follow("Branches")
    fits(visitor, "list")
    visitor.follow("Waltham Forest")
    fits(visitor, "branch")
    visitor.follow("Change what we tell")
    visitor.write("Where it meets (optional)", name)
    visitor.press("Show how it would look")
    expect(visitor.page.get_by_text("Nothing is kept yet.")).to_be_visible()
    fits(visitor, "looks")
    visitor.press("Keep this")
    expect(visitor.page.get_by_text("Kept, and confirmed with it.")).to_be_visible()
    visitor.follow("Place, dates, catchments")
    visitor.write("Closes on (optional)", "2000-01-01")
    visitor.write("Opens on (optional)", "2000-01-02")
    visitor.press("Show what would change")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    fits(visitor, "change")
    visitor.write("Closes on (optional)", "2100-01-01")
    visitor.press("Show what would change")
    assert visitor.heading() == "What would change"
    fits(visitor, "preview")
    visitor.press("Apply this change")
    expect(visitor.page.get_by_text("The change is applied.")).to_be_visible()
    fits(visitor, "directory")
    visitor.press("Show what would change")
    expect(visitor.page.get_by_text("regions.csv, line 1: the file is missing")).to_be_visible()
    visitor.follow("London")
    fits(visitor, "region")
