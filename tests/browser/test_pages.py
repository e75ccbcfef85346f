"""What holds on every public page: it fits, it is in order, and a keyboard is enough."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
WIDTHS = (320, 768, 1280)
PATHS = {
    "/": 200,
    "/donate": 200,
    "/donate/fighting-fund/messages": 200,
    "/donate/fighting-fund?amount=25&frequency=monthly&message=Solidarity": 200,
    "/donate/cancelled": 200,
    "/join": 200,
    "/join/cancelled": 200,
    "/join/look-in-your-mail": 200,
    "/branches": 200,
    "/branches?postcode=": 422,
    "/branches?postcode=what%20a%20lovely%20day": 422,
    "/branches?postcode=e111aa": 200,
    "/branches?postcode=e11": 200,
    "/branches?postcode=ZE1+0AA": 200,
    "/branches?postcode=BT1+1AA": 200,
    "/branches?postcode=E11+9ZZ": 404,
    "/branches/waltham-forest": 200,
    "/branches/caerphilly-rct": 200,
    "/branches?by=name": 200,
    "/branches/waltham-forest/leaflet": 200,
    "/join?branch=waltham-forest&source=leaflet": 200,
    "/regions/london": 200,
    "/regions/nowhere": 404,
    "/me": 200,
    "/me/sent": 200,
    "/me/open?token=spent": 410,
    "/finish/later": 200,
    "/finish?token=spent": 410,
    "/about": 200,
    "/privacy": 200,
    "/imprint": 200,
    "/donate/thanks?session_id=nobody": 404,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_and_is_in_order(looker: Visitor, path: str) -> None:
    assert looker.go(path) == PATHS[path]
    page = looker.page
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    assert page.title()
    for width in WIDTHS:
        assert overflow(page, width) == [], width


@pytest.mark.parametrize("path", ["/donate", "/join", "/me"])
def test_a_form_sent_empty_comes_back_with_its_errors_in_order(looker: Visitor, path: str) -> None:
    looker.go(path)
    looker.page.locator("main form button").click()
    summary = looker.page.get_by_role("alert")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link").all()
    assert links
    for link in links:
        target = looker.page.locator(link.get_attribute("href") or "")
        described = target.get_attribute("aria-describedby") or ""
        assert described or target.get_attribute("type") == "radio"
    links[0].click()
    expect(looker.page.locator(links[0].get_attribute("href") or "")).to_be_focused()
    for width in WIDTHS:
        assert overflow(looker.page, width) == [], width


def test_the_keyboard_alone_gives_a_gift_as_far_as_the_second_step(visitor: Visitor) -> None:
    visitor.go("/donate")
    press = visitor.page.keyboard.press
    press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press("Enter")
    press("Tab")
    expect(visitor.field("Once")).to_be_focused()
    press("ArrowDown")
    expect(visitor.field("Every month")).to_be_checked()
    press("Tab")
    expect(visitor.field("Amount")).to_be_focused()
    visitor.page.keyboard.type("12.50")
    press("Tab")
    for _suggested in visitor.page.locator(".quick a").all():
        press("Tab")
    expect(visitor.field("Your message")).to_be_focused()
    visitor.page.keyboard.type("Onwards")
    press("Tab")
    expect(visitor.page.get_by_role("button", name="Continue")).to_be_focused()
    with visitor.page.expect_navigation():
        press("Enter")
    assert visitor.heading() == "Your details"
    assert "£12.50 every month" in visitor.words()


def test_a_form_may_lead_to_the_payment_page_and_nowhere_else(looker: Visitor) -> None:
    looker.go("/donate")
    elsewhere = looker.place.sandbox.article
    with looker.page.expect_console_message(lambda said: "form-action" in said.text):
        looker.page.locator("main form").evaluate(
            "(form, target) => { form.action = target; form.requestSubmit(); }", elsewhere
        )
    assert looker.at() == f"{looker.place.url}/donate"
    assert [fault for fault in looker.faults if "form-action" not in fault] == []
    assert looker.faults
    looker.faults.clear()


def overflow(page: Page, width: int) -> list[str]:
    """Return what sticks out at the side of a page of this width, outermost first."""
    page.set_viewport_size({"width": width, "height": 900})
    found: list[str] = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            return [...document.querySelectorAll("body *")]
                .filter(each => each.getBoundingClientRect().right > root.clientWidth + 0.5)
                .map(each => each.outerHTML.slice(0, 80)).concat(["the page"]);
        }"""
    )
    return found
