"""The wall as it is asked for: pages, JSON, Atom, and what they make of odd text."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.database import Database
from payments.models import Pledge
from tests.databases import ON_ONE
from tests.fakes import START, FakeGateway
from tests.payments.test_commands import run
from tests.payments.test_donating import give
from tests.payments.test_money_that_comes_back import dispute_of, refund_of, tell
from tests.payments.walls import message, pay, shown

pytestmark = ON_ONE

WALL = "/donate/fighting-fund/messages"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
FORMS = ("", ".json", ".atom")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# In the manner of the Big List of Naughty Strings: what breaks pages, feeds and their readers.
NAUGHTY = (
    "<script>alert('x')</script>",
    "</p></li><img src=x onerror=alert(1)>",
    "&amp; &lt; &#60; ]]> <![CDATA[x]]> <!-- -->",
    "{{ 7*7 }} {% raw %} %(name)s %s {0} ${x}",
    "' OR 1=1; DROP TABLE pledge; --",
    '"quoted" \\back\\slash\\ \\u0000 \\n',
    "undefined null NaN true",
    "👩🏽‍🚀 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🇬🇧 ❤️",
    "שלום חברים",
    "تضامن من لندن",
    "\u202eright to left override\u202c and on",
    "团结就是力量 連帯 연대 ทุกคน",
    "Z̴̢͇a̵͓l̷g̶o̷",
    "zero\u200bwidth\ufeffjoin\u2060ed",
    "\ufb01 \ufdfd \uff57\uff49\uff44\uff45 \u2460",
    "several\n\nlines\tand a tab",
    "x" * 1000,
    "Undeb \u2013 “undod” … ŵ ŷ",
    "\U0001d518\U0001d52b private \ue000 \U0010fffd",
    "non-characters \ufffe \uffff end",
)


def parsed(answer: TestResponse) -> ET.Element:
    return ET.fromstring(answer.data)  # noqa: S314 -- our own answer


def texts(client: FlaskClient, form: str) -> list[str]:
    answer = client.get(WALL + form)
    assert answer.status_code == 200
    if form == ".json":
        return [each["message"] for each in json.loads(answer.text)["messages"]]
    if form == ".atom":
        return [each.text or "" for each in parsed(answer).iterfind(".//a:content", ATOM)]
    found = re.findall(r'<p class="quotation" dir="auto">(.*?)</p>', answer.text, re.DOTALL)
    return [unescape(each) for each in found]


def test_a_message_is_sent_approved_shown_and_vanishes_with_the_money(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    give(client, message="From the paper")
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    assert [texts(client, form) for form in FORMS] == [[], [], []]
    with database.reading() as session:
        pledge = session.scalars(select(Pledge)).one()
    assert run(client.application, "messages", "--approve", str(pledge.id))[0] == 0
    assert [texts(client, form) for form in FORMS] == [["From the paper"]] * 3
    assert "Sam," not in client.get(WALL).text.replace("<bdi>Sam</bdi>,", "")
    with database.transaction() as session:
        tell(session, dispute_of(pledge))
    assert [texts(client, form) for form in FORMS] == [[], [], []]
    with database.transaction() as session:
        tell(session, dispute_of(pledge, status="won"))
    assert [texts(client, form) for form in FORMS] == [["From the paper"]] * 3
    with database.transaction() as session:
        tell(session, refund_of(pledge, pledge.amount_pence))
    assert [texts(client, form) for form in FORMS] == [[], [], []]


def test_every_sign_is_kept_and_nothing_is_obeyed(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for number, each in enumerate(NAUGHTY):
            shown(session, each, name=each[:90], at=START - timedelta(seconds=number))
    assert texts(client, "") == list(NAUGHTY)
    assert texts(client, ".json") == list(NAUGHTY)
    kept = [re.sub("[\ufffe\uffff]", "\ufffd", each) for each in NAUGHTY]
    assert texts(client, ".atom") == kept
    page = client.get(WALL).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "{{ 7*7 }}" in page


def test_what_came_through_the_form_is_on_the_wall_as_it_was_typed(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    typed = "👩🏽‍🚀 שלום\u202e <b>&amp;</b>\r\n\tNewport  two spaces"
    give(client, message=typed)
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    with database.reading() as session:
        pledge = session.scalars(select(Pledge)).one()
    run(client.application, "messages", "--approve", str(pledge.id))
    for form in FORMS:
        assert texts(client, form) == [typed.replace("\r\n", "\n")]


@pytest.mark.parametrize(
    ("display", "name"), [("full", "Sam Jones"), ("first", "Sam"), ("anonymous", "Anonymous")]
)
def test_a_giver_is_named_as_they_chose_wherever_the_wall_is_read(
    client: FlaskClient, database: Database, display: str, name: str
) -> None:
    with database.transaction() as session:
        pledge = shown(session, display=display)
    page, feed = client.get(WALL).text, parsed(client.get(f"{WALL}.atom"))
    assert f"<bdi>{name}</bdi>, <time" in page
    assert json.loads(client.get(f"{WALL}.json").text)["messages"][0]["name"] == name
    assert feed.findtext(".//a:author/a:name", namespaces=ATOM) == name
    for form in FORMS:
        whole = client.get(WALL + form).text
        assert ("Jones" in whole) is (display == "full")
        for hidden in (str(pledge.id), pledge.id.hex, "sam@example.org", "£10", "1000"):
            assert hidden not in whole.casefold()


def test_the_json_says_what_it_must_and_leads_on(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for number in range(21):
            shown(session, str(number), at=START - timedelta(seconds=number))
    answer = client.get(f"{WALL}.json")
    assert answer.mimetype == "application/json"
    body = json.loads(answer.text)
    assert set(body) == {"appeal", "title", "messages", "next"}
    assert (body["appeal"], body["title"]) == ("fighting-fund", "Fighting Fund")
    assert set(body["messages"][0]) == {"id", "name", "message", "given_at"}
    assert uuid.UUID(body["messages"][0]["id"]).version == 5
    assert body["messages"][0]["given_at"] == "2026-11-22T12:00:00Z"
    assert body["next"].startswith("http://127.0.0.1:8000/donate/fighting-fund/messages.json?")
    older = json.loads(client.get(body["next"]).text)
    assert ([each["message"] for each in older["messages"]], older["next"]) == (["20"], None)


def test_the_feed_is_atom_as_rfc_4287_has_it(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for number in range(21):
            shown(session, str(number), at=START - timedelta(seconds=number))
    answer = client.get(f"{WALL}.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = parsed(answer)
    check_feed(feed)
    assert feed.findtext("a:id", namespaces=ATOM) == f"http://127.0.0.1:8000{WALL}"
    (older,) = [each.get("href") for each in feed.findall("a:link[@rel='next']", ATOM)]
    assert older is not None
    second = parsed(client.get(older))
    check_feed(second)
    assert second.findtext("a:id", namespaces=ATOM) == feed.findtext("a:id", namespaces=ATOM)
    ids = [each.text for found in (feed, second) for each in found.findall("a:entry/a:id", ATOM)]
    assert len(ids) == len(set(ids)) == 21


def test_a_feed_with_nothing_in_it_is_one_too(client: FlaskClient) -> None:
    feed = parsed(client.get(f"{WALL}.atom"))
    check_feed(feed)
    assert feed.findtext("a:updated", namespaces=ATOM) == "2026-10-01T00:00:00Z"


def check_feed(feed: ET.Element) -> None:
    """Hold a feed against RFC 4287, 4.1.1 and 4.1.2: what must be there, and how often."""
    assert feed.tag == f"{{{ATOM['a']}}}feed"
    assert [len(feed.findall(f"a:{tag}", ATOM)) for tag in ("id", "title", "updated")] == [1, 1, 1]
    rels = [each.get("rel", "") for each in feed.findall("a:link", ATOM)]
    assert sorted(set(rels)) == sorted(rels)
    assert {"self", "alternate"} <= set(rels)
    for entry in feed.findall("a:entry", ATOM):
        counts = [len(entry.findall(f"a:{tag}", ATOM)) for tag in ("id", "title", "updated")]
        assert counts == [1, 1, 1]
        assert (entry.findtext("a:id", namespaces=ATOM) or "").startswith("urn:uuid:")
        assert entry.findtext("a:author/a:name", namespaces=ATOM)
        content = entry.find("a:content", ATOM)
        assert content is not None
        assert (content.get("type"), len(content)) == ("text", 0)
    for tag in ("updated", "published"):
        for each in feed.iter(f"{{{ATOM['a']}}}{tag}"):
            assert RFC_3339.fullmatch(each.text or "")
            assert datetime.fromisoformat(each.text or "") > datetime(2000, 1, 1, tzinfo=UTC)


def test_the_pages_follow_one_another(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for number in range(21):
            shown(session, f"number {number}", at=START - timedelta(seconds=number))
    first = client.get(WALL).text
    assert "Newest messages" not in first
    (older,) = re.findall(r'href="([^"]*before=[^"]*)">Older messages', first)
    second = client.get(unescape(older)).text
    assert "number 20" in second
    assert "number 19" not in second
    assert "Older messages" not in second
    assert f'href="{WALL}">Newest messages' in second


@pytest.mark.parametrize("form", FORMS)
def test_any_cache_may_keep_the_wall_for_a_minute(client: FlaskClient, form: str) -> None:
    answer = client.get(WALL + form)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = client.get(WALL + form, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(WALL + form).status_code == 200
    assert client.post(WALL + form).status_code == 405


def test_only_the_json_is_open_to_the_scripts_of_other_sites(client: FlaskClient) -> None:
    opened = [client.get(WALL + form).headers.get("Access-Control-Allow-Origin") for form in FORMS]
    assert opened == [None, "*", None]
    for bad in ("/donate/nothing/messages.json", f"{WALL}.json?before=x"):
        assert client.get(bad).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("slug", ["nothing", "details", "a" * 3000, "%00", "Fighting-Fund"])
def test_an_unknown_appeal_has_no_wall(client: FlaskClient, form: str, slug: str) -> None:
    answer = client.get(f"/donate/{slug}/messages{form}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    if form == ".json" and slug == "nothing":
        assert answer.mimetype == "application/problem+json"
        assert json.loads(answer.text)["code"] == "unknown_appeal"


@pytest.mark.parametrize("before", ["", "yesterday", "%00", "1-2", "1" * 5000, "%ed%a0%80"])
def test_a_page_that_begins_nowhere_is_refused(client: FlaskClient, before: str) -> None:
    answers = [client.get(f"{WALL}{form}?before={before}") for form in FORMS]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert json.loads(answers[1].text)["code"] == "bad_cursor"


def test_the_appeals_page_leads_to_its_wall_once_there_is_something_on_it(
    client: FlaskClient, database: Database
) -> None:
    leads = f'href="{WALL}"'
    assert leads not in client.get("/donate").text
    with database.transaction() as session:
        pay(session, message(session))
    assert leads not in client.get("/donate").text
    with database.transaction() as session:
        shown(session)
    assert leads in client.get("/donate").text
    assert leads in client.get("/donate/fighting-fund").text
    assert leads in client.post("/donate", data={"amount": "nothing"}).text


@pytest.mark.parametrize(
    ("text", "status", "kept"),
    [
        (b"   \t\r\n  ", 200, None),
        (b"nul \0 here", 422, None),
        (b"escape \x1b[2J here", 422, None),
        (b"%ED%A0%80 lone surrogate", 200, "%ED%A0%80 lone surrogate"),
        (b"\xed\xa0\xbd and half a pair", 422, None),
        (b"%FF%FE not UTF-8", 200, "%FF%FE not UTF-8"),
        ("line\u2028separator".encode(), 422, None),
        (b"x" * 1001, 422, None),
        (b"x" * 300_000, 413, None),
        (b"x" * 10_000_000, 413, None),
    ],
    ids=[
        "spaces",
        "nul",
        "escape",
        "surrogate",
        "raw",
        "bytes",
        "separator",
        "1001",
        "300k",
        "10M",
    ],
)
def test_step_one_answers_every_message(
    client: FlaskClient, text: bytes, status: int, kept: str | None
) -> None:
    answer = client.post(
        "/donate",
        data=b"amount=10&frequency=once&message=" + text.replace(b" ", b"+"),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == status
    if kept is not None:
        (sent,) = re.findall(r'name="message" value="([^"]*)"', answer.text)
        assert unescape(sent) == kept


def test_a_message_of_only_spaces_is_none(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    give(client, message=" \t\r\n\u3000\xa0 \u200b\u200d\ufeff")
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    with database.reading() as session:
        assert session.scalars(select(Pledge)).one().message == ""
    assert run(client.application, "messages") == (0, "No message waits.\n")


def test_a_message_of_ten_megabytes_in_a_form_with_parts_is_too_long(client: FlaskClient) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n'
    body = head + b"x" * 10_000_000 + b"\r\n--x--\r\n"
    answer = client.post("/donate", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
