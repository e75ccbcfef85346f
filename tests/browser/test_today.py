"""From a text on the sandbox phone to "will come on Thursday", on a telephone of 360 pixels."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect
from sqlalchemy import select

from branches.models import Branch
from staff.principal import Role
from tests.browser.sitting import sit_down
from tests.browser.test_desk import fits
from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
_PHONE: ViewportSize = {"width": 360, "height": 740}


def test_a_text_leads_to_a_card_and_the_card_to_thursday(visitor: Visitor, *, script: bool) -> None:
    """Nothing stands between: the text is stored, and the card is there."""
    visitor.page.set_viewport_size(_PHONE)
    number = "07700 900123" if script else "07700 900456"
    with visitor.place.database.transaction() as session:
        branch = session.scalars(select(Branch).where(Branch.slug == "waltham-forest")).one()
        branch.meets = "Thursdays 7.30pm, Leytonstone Library"
    visitor.place.sandbox.text("Sam Jones E11 1AA", sender="+44" + number[1:].replace(" ", ""))
    sit_down(visitor, Role.ORGANISER)
    fits(visitor, "today")
    theirs = visitor.page.locator(f'a[href="tel:+44{number[1:].replace(" ", "")}"]')
    card = visitor.page.locator(".today-card").filter(has=theirs)
    expect(card.get_by_text("Sam Jones E11 1AA")).to_be_visible()
    with visitor.page.expect_navigation():
        card.get_by_role("link", name=re.compile("^What came of it")).click()
    fits(visitor, "card")
    expect(visitor.page.get_by_role("radio", checked=True)).to_have_accessible_name(
        re.compile("^Thursday ")
    )
    visitor.page.set_viewport_size(_PHONE)
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=re.compile("^Will come")).click()
    expect(visitor.page.get_by_role("status")).to_contain_text("Will come, ")
    fits(visitor, "noted")
    visitor.press("Undo")
    expect(visitor.page.get_by_role("status")).to_contain_text("Taken back")
