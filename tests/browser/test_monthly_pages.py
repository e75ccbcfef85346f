"""A monthly giver's own pages in a browser: pausing, another amount, the year, on any screen."""

import pytest

from sandbox.handle import GOOD_CARD
from tests.browser.test_journeys import LINK, address, give
from tests.browser.visiting import Place, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser, too")]
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def fits(visitor: Visitor) -> bool:
    """Whether nothing of the page hangs over the edge of a telephone, a tablet, a desk."""
    over = []
    for width in (320, 768, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        over.append(visitor.page.evaluate(_OVERFLOW))
    return over == [0, 0, 0]


def test_a_giver_pauses_goes_on_gives_another_amount_and_sees_the_year(
    looker: Visitor, place: Place
) -> None:
    email = address("months")
    give(looker, email, "5", "Every month")
    looker.pay(GOOD_CARD)
    (receipt,) = place.sandbox.wait_for_letters(email)
    link = LINK.search(receipt["text"])
    assert link, receipt["text"]
    looker.go(link[0])
    looker.press("Open my pages")
    looker.follow("Pause")
    assert fits(looker)
    looker.choose("3 months")
    looker.press("Pause")
    assert "Paused until" in looker.words()
    looker.press("Go on now")
    assert "Running" in looker.words()
    looker.follow("Give another amount")
    assert fits(looker)
    looker.write("Amount each month", "600")
    looker.press("Give this amount")
    assert "the law has us ask" in looker.page.get_by_role("alert").inner_text()
    assert fits(looker)
    looker.write("Amount each month", "7.50")
    looker.press("Give this amount")
    assert "£7.50 every month" in looker.words()
    assert fits(looker)
    looker.page.get_by_role("main").get_by_role("link", name="Your year").first.click()
    assert looker.heading().startswith("Your statement for")
    assert "£5" in looker.words()
    assert fits(looker)
    looker.go("/me/giving")
    looker.follow("Stop")
    assert fits(looker)
    looker.follow("pause for some months")
    assert looker.heading() == "Pause this gift"
