"""The desks of money and messages at a real browser, on a phone and on a desk, script or none."""

import datetime as dt
import uuid

import pytest
from playwright.sync_api import expect

from staff.principal import Role
from tests.browser.sitting import sit_down
from tests.browser.test_pages import overflow
from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
ADDRESS = "/desk/money"
PAGES = ("", "/refunds", "/offline", "/bank/decided", "/payouts", "/disputes", "/checks", "/months")


def fits(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)
    for width in (320, 1280, 360):
        assert overflow(visitor.page, width) == [], (visitor.at(), width)


def test_money_is_entered_and_found_and_a_message_read(visitor: Visitor, *, script: bool) -> None:
    sit_down(visitor, Role.ADMIN)
    name, said = f"Ann {uuid.uuid4().hex}", f"All the best, {uuid.uuid4().hex}"
    assert visitor.go(f"{ADDRESS}/offline/new") == 200
    fits(visitor)
    visitor.write("Amount", "five")
    visitor.press("Enter it")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.write("Amount", "12.50")
    visitor.write("Name", name)
    visitor.page.get_by_text("A message for the wall").click()
    visitor.write("Message", said)
    visitor.press("Enter it")
    assert visitor.heading() == "£12.50 paid"
    fits(visitor)
    visitor.go(ADDRESS)
    visitor.write("Find a payment", name)
    visitor.press("Find")
    fits(visitor)
    visitor.page.get_by_role("link", name=name).click()
    expect(visitor.page.get_by_role("heading", name="Undo this entry")).to_be_visible()
    _work_at_the_bank(visitor)
    for path in PAGES:
        assert visitor.go(f"{ADDRESS}{path}") == 200
        fits(visitor)
    visitor.page.get_by_role("main").get_by_role("list").last.get_by_role("link").first.click()
    fits(visitor)
    _read(visitor, said, script=script)


def _work_at_the_bank(visitor: Visitor) -> None:
    visitor.go(f"{ADDRESS}/bank")
    text = f"RENT {uuid.uuid4().hex}"
    today = f"{dt.datetime.now(dt.UTC):%d/%m/%Y}"
    file = f"Date,Description,Amount\n{today},{text},8.00\n".encode()
    visitor.page.get_by_label("File").set_input_files(
        {"name": "bank.csv", "mimeType": "text/csv", "buffer": file}
    )
    visitor.press("Load it")
    expect(visitor.page.get_by_role("status")).to_contain_text("1 new line.")
    fits(visitor)
    visitor.page.get_by_role("link", name=text).click()
    fits(visitor)
    visitor.write("Reason", "rent of the hall")
    visitor.press("Put it aside")
    assert visitor.heading() == "£8 not ours to book"


def _read(visitor: Visitor, said: str, *, script: bool) -> None:
    visitor.go("/desk/messages")
    fits(visitor)
    message = visitor.page.get_by_role("article").filter(has_text=said)
    if script:  # the keys
        message.focus()
        with visitor.page.expect_navigation():
            message.press("a")
        expect(visitor.page.get_by_role("status")).to_contain_text("Approved")
        visitor.go("/desk/messages/decided")
        undo = visitor.page.get_by_role("listitem").filter(has_text=said).get_by_role("button")
        with visitor.page.expect_navigation():
            undo.click()
        message.focus()
        message.press("h")
        expect(message.get_by_label("Reason")).to_be_focused()
    else:
        message.get_by_text("Hide", exact=True).click()
    message.get_by_label("Reason").fill("an advertisement")
    with visitor.page.expect_navigation():
        message.get_by_role("button", name="Hide it").click()
    expect(visitor.page.get_by_role("status")).to_contain_text("Hidden: an advertisement")
    fits(visitor)
    expect(message).to_have_count(0)
    visitor.press("Undo")
    expect(message).to_have_count(1)
