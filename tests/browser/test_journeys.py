"""The journeys, walked in Chromium from the first page to the letter, with and without script."""

import re
import secrets
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from branches.models import Branch
from members.models import Member
from payments.models import Pledge
from sandbox.handle import DECLINED_CARD, GOOD_CARD
from tests.browser.visiting import Place, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LINK = re.compile(r"http://\S+/me/open\?token=\S+")
ORGANISER = "london@example.org"


def raised(place: Place) -> int:
    answer = requests.get(f"{place.url}/api/v1/appeals/fighting-fund", timeout=10)
    found: int = answer.json()["raised_pence"]
    return found


def address(who: str) -> str:
    """Return an address that nobody else writes to."""
    return f"{who}-{secrets.token_hex(4)}@example.org"


def give(visitor: Visitor, email: str, amount: str, frequency: str = "Once") -> None:
    """Go through both steps of our own pages, as far as the payment page."""
    visitor.go("/donate")
    visitor.write("Amount", amount)
    visitor.choose(frequency)
    visitor.press("Continue")
    visitor.write("Name", "Sam Jones")
    visitor.write("E-mail address", email)
    visitor.press("Continue to payment")
    assert visitor.at().startswith(visitor.place.sandbox.stripe)


def test_a_reader_gives_from_an_article_on_another_site(visitor: Visitor, place: Place) -> None:
    before, email = raised(place), address("reader")
    visitor.go(place.sandbox.article)
    assert "//localhost:" in visitor.page.url
    visitor.write("My donation £", "10")
    visitor.write("Your message:", "Keep the presses turning")
    visitor.press("Donate")
    assert visitor.at() == f"{place.url}/donate"
    assert visitor.heading() == "Your details"
    assert "£10" in visitor.words()
    assert "Keep the presses turning" in visitor.words()
    visitor.write("Name", "Sam Jones")
    visitor.write("E-mail address", email)
    visitor.write("Postcode", "e111aa")
    visitor.choose("My first name")
    visitor.press("Continue to payment")
    assert visitor.at().startswith(place.sandbox.stripe)
    visitor.pay(GOOD_CARD)
    assert visitor.at() == f"{place.url}/donate/thanks"
    assert visitor.state() == "received"
    (receipt,) = place.sandbox.wait_for_letters(email)
    assert "£10" in receipt["subject"]
    assert "Keep the presses turning" in receipt["text"]
    assert raised(place) == before + 1000
    with place.database.reading() as session:
        pledge = session.scalars(select(Pledge).where(Pledge.email == email)).one()
        assert (pledge.message, pledge.source) == ("Keep the presses turning", "article-sandbox")
        assert (pledge.name, pledge.display, pledge.postcode) == ("Sam Jones", "first", "E11 1AA")


def test_a_joiner_becomes_a_member_of_the_branch_nearby(visitor: Visitor, place: Place) -> None:
    email, before = address("joiner"), len(place.sandbox.letters(ORGANISER))
    visitor.go("/join")
    visitor.write("Full name", "Robin Smith")
    visitor.write("E-mail address", email)
    visitor.write("Telephone number", "07700 900456")
    visitor.write("Date of birth", "27/3/1985")
    visitor.write("Address", "1 High Road")
    visitor.write("Town or city", "London")
    visitor.write("Postcode", "e11 1aa")
    visitor.page.get_by_label("Standard: £10 a month").check()
    visitor.press("Continue to payment")
    assert visitor.at().startswith(place.sandbox.stripe)
    visitor.pay(GOOD_CARD)
    assert visitor.at() == f"{place.url}/join/thanks"
    assert visitor.state() == "received"
    assert "Welcome, Robin" in visitor.heading()
    assert "Waltham Forest" in visitor.words()
    letters = {each["subject"]: each for each in place.sandbox.wait_for_letters(email, 2)}
    assert set(letters) == {"Receipt for your dues of £10", "Welcome, and thank you for joining"}
    notice = place.sandbox.wait_for_letters(ORGANISER, before + 1)[0]
    assert "Robin Smith" in notice["text"]
    assert email in notice["text"]
    with place.database.reading() as session:
        member = session.scalars(select(Member).where(Member.email == email)).one()
        branch = session.get_one(Branch, member.branch_id)
    assert (member.state, branch.slug) == ("active", "waltham-forest")


def test_a_postcode_leads_to_its_branch_and_region(visitor: Visitor) -> None:
    visitor.go("/branches")
    visitor.write("Postcode", "e111aa")
    visitor.press("Find")
    assert visitor.heading() == "Waltham Forest"
    assert "020 8988 8786" in visitor.words()
    visitor.follow("More about Waltham Forest")
    assert visitor.at().endswith("/branches/waltham-forest")
    assert visitor.heading() == "Waltham Forest"
    visitor.follow("London")
    assert visitor.at().endswith("/regions/london")
    assert visitor.heading() == "London"
    visitor.follow("Waltham Forest")
    assert visitor.heading() == "Waltham Forest"


def test_the_leaflet_of_a_branch_leads_to_joining_through_it(visitor: Visitor) -> None:
    visitor.go("/branches?by=name")
    visitor.follow("Waltham Forest")
    visitor.follow("A leaflet to print")
    assert visitor.heading() == "Waltham Forest"
    assert "text your name and postcode to 07761 818 206" in visitor.words()
    address = visitor.page.locator(".leaflet__address").inner_text()
    assert address == f"{visitor.place.url}/join?branch=waltham-forest&source=leaflet"
    visitor.follow(address)
    assert visitor.at() == f"{visitor.place.url}/join"
    assert "You are joining through Waltham Forest" in visitor.words()


def test_nothing_but_the_leaflet_is_printed(looker: Visitor) -> None:
    looker.go("/branches/waltham-forest/leaflet")
    looker.page.emulate_media(media="print")
    for part in (".masthead", ".footer", ".leaflet-help"):
        assert not looker.page.locator(part).is_visible(), part
    for part in ("h1", ".leaflet__code svg", ".leaflet__address", ".leaflet__text"):
        assert looker.page.locator(f".leaflet {part}").is_visible(), part
    printed = looker.page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 420" in printed  # A5, in points


def test_a_text_is_answered_and_the_organiser_is_told(
    visitor: Visitor, place: Place, *, script: bool
) -> None:
    number = "07700 900321" if script else "07700 900654"
    before = len(place.sandbox.letters(ORGANISER))
    visitor.go(place.sandbox.phone)
    visitor.write("From", number)
    visitor.write("Text", "Sam Jones E11 1AA")
    visitor.press("Send")
    reply = visitor.page.locator("li.reply").last.inner_text()
    assert "Waltham Forest" in reply
    assert "020 8988 8786" in reply
    notice = place.sandbox.wait_for_letters(ORGANISER, before + 1)[0]
    assert "Sam Jones" in notice["text"]
    assert number[-3:] in notice["text"]


def test_a_monthly_giver_stops_by_the_link_in_the_first_receipt(
    visitor: Visitor, place: Place
) -> None:
    email = address("monthly")
    give(visitor, email, "5", "Every month")
    visitor.pay(GOOD_CARD)
    assert visitor.state() == "received"
    (receipt,) = place.sandbox.wait_for_letters(email)
    link = LINK.search(receipt["text"])
    assert link, receipt["text"]
    visitor.go(link[0])
    visitor.press("Open my pages")
    assert visitor.at() == f"{place.url}/me/giving"
    assert "£5 every month" in visitor.words()
    visitor.follow("Stop")
    visitor.press("Stop this payment")
    assert visitor.at() == f"{place.url}/me/giving"
    assert "Running" not in visitor.words()
    letters = place.sandbox.wait_for_letters(email, 2)
    assert letters[0]["subject"] == "Your regular payment has been stopped"
    assert visitor.go(link[0]) == 410
    assert visitor.heading() == "This link has been used or is too old"


def test_a_declined_card_takes_nothing_and_the_gift_can_be_finished_later(
    visitor: Visitor, place: Place
) -> None:
    before = raised(place)
    give(visitor, address("declined"), "7.50")
    checkout = visitor.page.url
    visitor.pay(DECLINED_CARD)
    assert visitor.page.url == checkout
    assert "declined" in visitor.page.get_by_role("alert").inner_text()
    visitor.follow("Back")
    assert visitor.at() == f"{place.url}/donate/cancelled"
    assert visitor.state() == "not-taken"
    session_id = urlsplit(checkout).path.rpartition("/")[2]
    visitor.go(f"/donate/thanks?session_id={session_id}")
    assert visitor.state() == "not-taken"
    assert raised(place) == before
    visitor.follow("Go back to the payment")
    visitor.pay(GOOD_CARD)
    assert visitor.state() == "received"
    assert raised(place) == before + 750


def test_going_back_from_the_payment_page_and_on_again_begins_no_second_payment(
    visitor: Visitor, place: Place
) -> None:
    email = address("back")
    give(visitor, email, "3")
    checkout = visitor.page.url
    visitor.page.go_back()
    assert visitor.heading() == "Your details"
    visitor.write("Name", "Sam Jones")
    visitor.write("E-mail address", email)
    visitor.press("Continue to payment")
    assert visitor.page.url == checkout
    visitor.pay(GOOD_CARD)
    assert visitor.state() == "received"
    with place.database.reading() as session:
        session.scalars(select(Pledge).where(Pledge.email == email)).one()
