"""The desk of people at a real browser: from a name to a note, and to another branch."""

import uuid

import pytest
from playwright.sync_api import ViewportSize, expect

from staff.principal import Role
from tests.browser.sitting import sit_down
from tests.browser.test_desk import fits
from tests.browser.visiting import Visitor
from tests.members.desk.conftest import put

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
_PHONE = ViewportSize(width=360, height=740)
_DESK = ViewportSize(width=1280, height=800)


def test_an_organiser_finds_somebody_notes_a_call_and_hands_them_on(
    visitor: Visitor, *, script: bool
) -> None:
    surname = "".join(letter for letter in uuid.uuid4().hex if letter.isalpha())
    name = f"Rosa {surname.title()}"
    with visitor.place.database.transaction() as session:
        put(session, name, branch="waltham-forest", phone="+447700900123")
    visitor.page.set_viewport_size(_PHONE if script else _DESK)
    sit_down(visitor, Role.ORGANISER)
    with visitor.page.expect_navigation():  # by the bar: an organiser's desk opens at Today
        visitor.page.get_by_role("navigation").get_by_role("link", name="People").first.click()
    fits(visitor, "list")
    visitor.write("Name, postcode, telephone, e-mail or number", f"{surname} ros")
    visitor.press("Find")
    fits(visitor, "found")
    visitor.follow(name)
    assert visitor.heading() == name
    expect(visitor.page.get_by_role("link", name="Ring")).to_have_attribute(
        "href", "tel:+447700900123"
    )
    visitor.write("Note", "Coming on Thursday")
    visitor.press("Keep the note")
    expect(visitor.page.get_by_text("Coming on Thursday")).to_be_visible()
    fits(visitor, "person")
    visitor.follow("Change the details")
    visitor.write("Town or city", "Leyton")
    visitor.press("Keep this")
    expect(visitor.page.get_by_text("The details are kept.")).to_be_visible()
    visitor.follow("Hand on to another branch")
    fits(visitor, "transfer")
    visitor.page.get_by_label("Hand on to").select_option("region:wales")
    visitor.press("Hand on")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.write("Hand-over", "Moving in a month")
    visitor.press("Hand on")
    expect(visitor.page.get_by_text("Handed on.")).to_be_visible()
    visitor.follow("Take this list out: a file, or labels")
    visitor.write("What for?", "Letters to all")
    visitor.choose("Labels for letters, to print on A4 sheets of 21")
    visitor.press("Take it out")
    assert visitor.heading() == "Labels"
    fits(visitor, "labels")
