"""What stands on the pages of a branch, its calendar, its leaflet, and on that of a postcode."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import event, select, update

from app import Adapters, create_app
from branches.leaflets import drawing_of
from branches.listing import by_name
from branches.models import Branch, DirectoryState, Region
from branches.postcodes_io import PostcodesIo
from config import Settings
from core.database import Database
from tests.branches.factories import TODAY, make_branch, make_directory, make_region
from tests.branches.postcodes_io_server import Service, found, missing, serve
from tests.databases import ON_ONE
from tests.fakes import FakeClock, FakeGateway, FakeMailer

pytestmark = [pytest.mark.index, ON_ONE]
BOTH = ("/branches/waltham-forest/meetings.ics", "/branches/waltham-forest/leaflet")


@pytest.fixture(autouse=True)
def _directory(shipped_directory: None) -> None:
    """Every test here looks at the shipped directory."""


@pytest.fixture
def service() -> Iterator[Service]:
    with serve() as running:
        yield running


def set_branch(database: Database, slug: str = "waltham-forest", **values: object) -> None:
    with database.transaction() as session:
        session.execute(update(Branch).where(Branch.slug == slug).values(values))
        session.execute(update(DirectoryState).values(version=DirectoryState.version + 1))


def asking(settings: Settings, database: Database, service: Service) -> FlaskClient:
    """A service that asks another source for what the index lacks."""
    register = PostcodesIo(service.url)
    adapters = Adapters(FakeClock(), database, FakeMailer(), FakeGateway(), register)
    return create_app(settings, adapters).test_client()


def test_the_answer_says_where_that_is_how_far_and_whom_to_ring_or_text(
    client: FlaskClient,
) -> None:
    page = client.get("/branches?postcode=e111aa").text
    assert "Your branch, for E11 1AA, Leytonstone" in page
    assert "about 1.8 miles (2.9 km) away" in page
    assert 'href="tel:+442089888786"' in page
    assert 'href="sms:+447761818206"' in page
    assert 'href="sms:+442089888786"' not in page
    assert "Also not far" in page
    assert 'href="/join?branch=waltham-forest"' in page


def test_an_organiser_with_a_mobile_can_be_sent_a_text(client: FlaskClient) -> None:
    page = client.get("/branches?postcode=IP1+1BH").text
    assert 'href="tel:+447982021969"' in page
    assert 'href="sms:+447982021969"' in page


@pytest.mark.parametrize(
    ("typed", "says"),
    [("EII 1AA", "We read “EII 1AA” as E11 1AA."), ("e11-1aa", ""), ("E11", "")],
)
def test_what_was_put_right_is_said(client: FlaskClient, typed: str, says: str) -> None:
    page = client.get("/branches", query_string={"postcode": typed}).text
    assert ("We read" in page) is bool(says)
    assert says in page


def test_the_page_says_what_was_not_done_with_the_postcode(client: FlaskClient) -> None:
    for typed in ("E11 1AA", "E11", "E11 9ZZ", "BF1 2AT"):
        page = client.get("/branches", query_string={"postcode": typed}).text
        assert "it was sent to nobody" in page, typed
        assert "postcodes.io" not in page, typed
    assert "What became of your postcode" not in client.get("/branches?postcode=nonsense").text


def test_where_another_source_is_asked_the_page_says_so_and_of_that_postcode_alone(
    settings: Settings, database: Database, service: Service
) -> None:
    client = asking(settings, database, service)
    for typed, answer, status in (
        ("E11 1FG", found("E11 1FG"), 200),
        ("E11 1FZ", found("E11 1FZ", latitude=None), 200),
        ("E11 9ZZ", missing(), 404),
    ):
        service.says(answer)
        page = client.get("/branches", query_string={"postcode": typed})
        assert page.status_code == status, typed
        assert "we ask postcodes.io" in page.text, typed
        assert "sent to nobody" not in page.text, typed
    asked = len(service.paths)
    for typed in ("E11 1AA", "E11", "E11 1", "BF1 2AT"):
        page = client.get("/branches", query_string={"postcode": typed})
        assert "sent to nobody" in page.text, typed
        assert "postcodes.io" not in page.text, typed
    assert len(service.paths) == asked


def test_the_directory_stands_from_a_to_z_too(client: FlaskClient) -> None:
    page = client.get("/branches?by=name")
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in page.headers
    names = re.findall(r'<li><a href="/branches/[a-z-]+">([^<]+)</a> <span', page.text)
    assert len(names) == 41
    assert names == sorted(names)
    for letter in re.findall(r'href="#(letter-[^"]+)"', page.text):
        assert page.text.count(f'id="{letter}"') == 1
    assert 'href="/branches?by=name#directory"' in client.get("/branches").text
    assert client.get("/branches?by=nonsense").text == client.get("/branches").text


def test_names_are_sorted_as_people_look_for_them() -> None:
    region = make_region()
    named = ["Ŵrecsam", "wigan", "Ynys Môn", "'s Hertogen", "21st Street", "Acton"]
    branches = [make_branch(name, region, 51.5, 0.0) for name in named]
    parts = by_name(make_directory([region], branches))
    assert [(part.name, [each.slug for each in part.branches]) for part in parts] == [
        ("0-9", ["21st Street"]),
        ("A", ["Acton"]),
        ("S", ["'s Hertogen"]),
        ("W", ["wigan", "Ŵrecsam"]),
        ("Y", ["Ynys Môn"]),
    ]


def test_the_page_of_a_branch_leads_to_a_map_its_calendar_and_its_leaflet(
    client: FlaskClient, database: Database
) -> None:
    set_branch(database, phone="+447700900123")
    page = client.get("/branches/waltham-forest").text
    link = re.search(r'<a [^>]*href="(https://www\.openstreetmap\.org/[^"]+)" rel="([^"]+)"', page)
    assert link
    assert link[1].endswith("?mlat=51.58341&amp;mlon=-0.01952#map=16/51.58341/-0.01952")
    assert link[2].split() == ["noopener", "noreferrer"]
    for path in BOTH:
        assert f'href="{path}"' in page
    assert 'href="/join?branch=waltham-forest"' in page
    assert 'href="tel:+447700900123">07700 900123</a>' in page
    assert 'href="sms:+447700900123"' in page


def test_the_page_says_where_no_dates_are_published(
    client: FlaskClient, database: Database
) -> None:
    path = "/branches/waltham-forest"
    assert "No dates are published yet" in client.get(path).text
    set_branch(database, meets="Alternate Wednesdays 7pm")
    assert "The dates themselves are not published yet" in client.get(path).text
    assert "Alternate Wednesdays 7pm" in client.get("/regions/london").text
    set_branch(database, meets="Wednesdays 7pm")
    assert "not published" not in client.get(path).text
    assert "Ask the regional organiser" not in client.get("/regions/london").text


def test_the_calendar_can_be_kept_by_caches_and_is_named(
    client: FlaskClient, database: Database
) -> None:
    set_branch(database, meets="Thursdays 7.30pm, Leytonstone Library")
    answer = client.get(BOTH[0])
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=14400"
    assert 'filename="waltham-forest-meetings.ics"' in answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
    (event,) = Calendar.from_ical(answer.data).events
    assert event["location"] == "Leytonstone Library"
    assert str(event["url"]).endswith("/branches/waltham-forest")
    assert "020 8988 8786" in str(event["description"])
    again = client.get(BOTH[0], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_calendar_without_dates_is_empty(client: FlaskClient) -> None:
    answer = client.get(BOTH[0])
    assert answer.status_code == 200
    assert list(Calendar.from_ical(answer.data).events) == []


def test_a_closed_branch_has_neither_calendar_nor_leaflet(
    client: FlaskClient, database: Database
) -> None:
    set_branch(database, status="closed", closed=TODAY)
    calendar, leaflet = (client.get(path) for path in BOTH)
    assert (calendar.status_code, calendar.mimetype) == (410, "text/plain")
    assert leaflet.status_code == 410
    assert "This branch closed on" in leaflet.text
    assert "<svg" not in leaflet.text


def test_a_branch_that_never_was_or_is_not_there_yet_has_neither(
    client: FlaskClient, database: Database
) -> None:
    set_branch(database, opened=TODAY + dt.timedelta(1))
    for path in (*BOTH, *(path.replace("waltham-forest", "atlantis") for path in BOTH)):
        assert client.get(path).status_code == 404, path


def test_the_leaflet_has_where_when_whom_to_ring_the_text_line_and_the_code(
    client: FlaskClient, database: Database
) -> None:
    set_branch(database, meets="Thursdays 7.30pm, Leytonstone Library")
    page = client.get(BOTH[1])
    address = "http://127.0.0.1:8000/join?branch=waltham-forest&source=leaflet"
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in page.headers
    assert "Walthamstow" in page.text
    assert "Thursdays 7.30pm, Leytonstone Library" in page.text
    assert "020 8988 8786" in page.text
    words = " ".join(re.sub(r"<[^>]+>", "", page.text).split())
    assert "Locate your nearest branch: text your name and postcode to 07761 818 206" in words
    assert drawing_of(address) in page.text
    assert page.text.count(address.replace("&", "&amp;")) == 2
    assert "Print in your browser" in page.text
    assert " style=" not in page.text
    assert "<script" not in page.text


def test_a_leaflet_without_a_day_says_whom_to_ask(client: FlaskClient) -> None:
    assert "Ring to hear when we meet next." in client.get(BOTH[1]).text


def test_pages_of_a_directory_of_three_hundred_branches_take_no_more_queries(
    client: FlaskClient, database: Database
) -> None:
    paths = ("/branches/branch-7", "/branches/branch-7/meetings.ics", "/branches?by=name")
    add_branches(database, range(6, 9))
    few = [queries_of(client, database, path) for path in paths]
    add_branches(database, range(9, 300))
    assert [queries_of(client, database, path) for path in paths] == few


def queries_of(client: FlaskClient, database: Database, path: str) -> int:
    """Count what the page asks of the database once it has been asked for before."""
    asked: list[str] = []
    client.get(path)

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return len(asked)


def add_branches(database: Database, numbers: range) -> None:
    with database.transaction() as session:
        region = session.scalars(select(Region).where(Region.slug == "london")).one()
        session.add_all(
            Branch(
                slug=f"branch-{number}",
                name=f"Branch {number}",
                region=region,
                postcode="E11 1AA",
                lat=51.5 + number / 10_000,
                lon=0.0,
                position_given=True,
                place="Leyton",
                meets="Thursdays 7.30pm, Leytonstone Library",
                status="open",
                sample=False,
                rank=1000 + number,
            )
            for number in numbers
        )
        session.execute(update(DirectoryState).values(version=DirectoryState.version + 1))
