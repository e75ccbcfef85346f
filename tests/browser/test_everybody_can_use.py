"""axe finds nothing on any page there is: public, one's own, the desk; in light and in dark.

The pages are those of the walk over all routes, with empty forms sent too, so that errors are
looked at; a page that is added is looked at without a word. No server stands behind them: the
browser is handed what the service answers, with its own headers.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.base import (  # type: ignore[import-untyped]  # it has no types
    AXE_SCRIPT,
)
from playwright.sync_api import Browser, Page, Route
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from branches.desk import editing
from tests.browser.test_pages import PATHS
from tests.safety import walking
from tests.safety.conftest import settings, town
from tests.safety.town import PEOPLE, Town, Visitor

__all__ = ["settings", "town"]  # fixtures, for use here
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SITE = "http://127.0.0.1:8000"
# Who goes to a page, the first whom its guard lets in.
LOOKERS = (
    *("signed out", "half: code", "half: enrol", "holder of B"),
    *("admin", "organiser of A", "treasurer", "moderator"),
)
_VALUE = re.compile(r' value="[^"]*"')
BAD = '<html lang="en"><body bgcolor="white"><img src="/x"><font color="#eee">pale</font></body>'
# Contrast alone hangs on the colours; everything else was looked at in light.
IN_DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that somebody was answered with."""

    name: str
    answer: TestResponse


def pages(town: Town) -> Iterator[Shown]:
    """Every page that any route answers anybody with, each once."""
    seen = set()
    for shown in (*_by_address(town), *_by_form(town), *_by_route(town)):
        if shown.answer.mimetype != "text/html" or shown.answer.status_code // 100 == 3:
            continue
        text = _VALUE.sub("", shown.answer.text)
        if text not in seen:
            seen.add(text)
            yield shown


def _by_address(town: Town) -> Iterator[Shown]:
    anybody = town.visitors["signed out"].client
    for path in (*PATHS, *town.thanks):
        yield Shown(path, anybody.get(path))
    for amount in ("10", "600"):  # above the threshold of the law there are questions
        yield Shown(f"step two of {amount}", anybody.post("/donate", data={"amount": amount}))


def _by_route(town: Town) -> Iterator[Shown]:
    for route in walking.routes(town):
        if route.blueprint.startswith("desk_sound"):  # the pages of the tests themselves
            continue
        for visitor in _lookers(town, route):
            place = visitor.own or "A"
            yield Shown(f"{visitor.name}, {route}", walking.send(town, route, visitor, place))


def _by_form(town: Town) -> Iterator[Shown]:
    """What is answered to forms that are filled in, and to searches that find nobody."""
    anew, moved = {"text": "Rang them."}, {"postcode": PEOPLE["A"].postcode}
    taken = {"kind": "labels", "reason": "a letter to all"}
    money, messages, wishes = "/desk/money", "/desk/messages", town.rows["wish_id"]
    line, message = (town.rows[name]["A"] for name in ("line_id", "pledge_id"))
    given = {"method": "cash", "amount": "5", "received": "2026-11-20", "appeal": "fighting-fund"}
    filled: tuple[tuple[str, str, str, dict[str, str] | None], ...] = (
        ("admin", "POST", "/desk/people", {"q": "nobody"}),
        ("admin", "GET", "/desk/people?region=london&state=everybody&moved=yes", None),
        ("admin", "POST", f"/desk/people/{town.members['A']}/notes", anew),
        ("admin", "GET", f"/desk/people/{town.members['A']}?done=noted", None),
        ("admin", "GET", f"/desk/people/{uuid.UUID(int=7)}", None),
        ("admin", "POST", "/desk/people/export", taken),
        ("admin", "GET", "/desk/people/taken", None),
        ("admin", "GET", f"/desk/people/{town.others['A']}", None),
        ("admin", "POST", f"/desk/people/{town.others['A']}/decline", {"why": ""}),
        ("treasurer", "POST", money, {"q": PEOPLE["A"].email}),
        ("treasurer", "POST", money, {"q": "nobody"}),
        ("treasurer", "GET", f"{money}?kind=monthly&state=given-back", None),
        ("treasurer", "POST", f"{money}/offline/new", given),
        ("treasurer", "POST", f"{money}/offline/new", given),  # looks like the one before
        ("treasurer", "GET", f"{money}/offline?method=cash", None),
        ("treasurer", "POST", f"{money}/bank/{line}/not-ours", {"why": "a loan"}),
        ("treasurer", "GET", f"{money}/bank/{line}", None),
        ("treasurer", "GET", f"{money}/bank/decided", None),
        ("treasurer", "POST", f"{money}/refunds/{wishes['A']}/confirm", {}),
        ("admin", "POST", f"{money}/refunds/{wishes['A']}/confirm", {}),
        ("treasurer", "GET", f"{money}/payments/{town.rows['payment_id']['A']}", None),
        ("moderator", "POST", f"{messages}/{message}/hide", {"why": "", "seen": "0"}),
        ("moderator", "POST", f"{messages}/{message}/hide", {"why": "unkind", "seen": "0"}),
        ("moderator", "GET", f"{messages}?last={message}", None),
        ("moderator", "GET", f"{messages}/decided", None),
        *_at_the_new_desks(town),
        ("holder of B", "POST", f"/me/details/{town.members['B']}", moved),
        ("holder of B", "GET", "/me/giving?saved=yes", None),
    )
    for name, method, path, typed in filled:
        visitor = town.visitors[name]
        data = None if typed is None else {**typed, "csrf_token": visitor.csrf}
        finds = path == "/desk/people"  # what is looked for is shown at another address
        answer = visitor.client.open(path, method=method, data=data, follow_redirects=finds)
        yield Shown(f"{name}, {method} {path}", answer)


def _at_the_new_desks(town: Town) -> list[tuple[str, str, str, dict[str, str] | None]]:
    """Forms of today, branches and admins, filled in; what a change of branches comes to."""
    card, branch = f"/desk/today/people/{town.members['A']}", town.rows["branch_id"]["A"]
    edit, request = f"/desk/branches/{branch}/edit", f"/desk/requests/{town.rows['number']['A']}"
    client = town.visitors["organiser of A"].client
    nonce = re.search(r'name="nonce"[^>]* value="([^"]+)"', client.get(card).text)
    assert nonce
    called = {"step": "will-come", "seen": "0", "note": "Rang them.", "nonce": nonce[1]}
    told = {"place": "The library", "meets": "Whenever", "email": "nonsense"}
    new = {"slug": "leyton", "name": "Leyton", "region": "london", "postcode": "E11 1AA"}
    mark = editing.mark(dict.fromkeys(editing.TOLD, ""))
    admin = town.visitors["admin"]
    sent = new | {"lat": "51.57", "lon": "0.01", "csrf_token": admin.csrf}
    prepared = admin.client.post("/desk/branches/directory/new", data=sent)
    assert prepared.status_code == 303
    return [
        ("admin", "GET", prepared.location, None),
        ("admin", "POST", prepared.location, {}),
        ("admin", "GET", "/desk/branches/directory?done=applied", None),
        ("organiser of A", "POST", card, called | {"other": "1066-10-14"}),
        ("organiser of A", "POST", card, called),
        ("organiser of A", "GET", "/desk/today?done=1", None),
        ("organiser of A", "GET", "/desk/today?shelf=texted", None),
        ("organiser of A", "GET", "/desk/today?shelf=quiet", None),
        ("organiser of A", "GET", card, None),
        ("organiser of A", "POST", card, called | {"nonce": str(uuid.UUID(int=7))}),
        ("organiser of A", "POST", edit, told | {"made_from": mark}),
        ("organiser of A", "POST", edit, told | {"email": "", "look": "y", "made_from": mark}),
        ("organiser of A", "POST", edit, told | {"email": "", "made_from": mark}),
        ("organiser of A", "POST", edit, told | {"email": "", "made_from": mark}),
        ("organiser of A", "POST", edit, {"place": "Elsewhere", "made_from": mark}),
        ("organiser of A", "GET", f"/desk/branches/{branch}?done=changed", None),
        ("organiser of A", "GET", "/desk/branches?show=stale", None),
        ("admin", "GET", "/desk/branches/7", None),
        ("admin", "GET", "/desk/retention?count=now", None),
        ("admin", "POST", f"{request}/extend", {"why": "There are many."}),
        ("admin", "GET", request, None),
        ("admin", "POST", f"{request}/done", {"outcome": "Sent."}),
        ("admin", "POST", f"{request}/done", {"outcome": "Sent once more."}),
        ("admin", "GET", "/desk/requests", None),
        ("admin", "GET", "/desk/accounts/audit?kind=look&since=week", None),
    ]


def _lookers(town: Town, route: walking.Route) -> list[Visitor]:
    found = [
        each for name in LOOKERS if not walking.turned_away(route, each := town.visitors[name])
    ]
    return found if route.guard == "halfway" else found[:1]


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds on the page as it stands."""
    found = page.evaluate(
        "options => axe.run({resultTypes: ['violations'], ...options}).then(found =>"
        " found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' ')))",
        options,
    )
    return [str(each)[:300] for each in found]


def whole(answer: Response) -> tuple[int, dict[str, str], bytes]:
    """What a browser is handed of an answer; it keeps no cookies."""
    headers = {name: text for name, text in answer.headers if name != "Set-Cookie"}
    return answer.status_code, headers, answer.data


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_axe_finds_nothing_on_any_page_in_light_and_in_dark(browser: Browser, town: Town) -> None:
    anybody = town.visitors["signed out"].client
    found: list[str] = []
    looked_at = []
    shown: Shown

    @cache
    def beside(path: str) -> tuple[int, dict[str, str], bytes]:
        with anybody.get(path) as answer:
            return whole(answer)

    def hand_over(asked: Route) -> None:
        is_page = asked.request.is_navigation_request()
        path = asked.request.url.removeprefix(SITE)
        status, headers, body = whole(shown.answer) if is_page else beside(path)
        asked.fulfill(status=status, headers=headers, body=body)

    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 900})
    page = context.new_page()
    page.route("**/*", hand_over)
    bad = TestResponse([BAD.encode()], "200", Headers(), Request({}))
    try:
        for shown in (Shown("bad", bad), *pages(town)):
            page.emulate_media(color_scheme="light")
            page.goto(f"{SITE}/looked-at")
            page.evaluate(AXE_SCRIPT)
            found += [f"{shown.name}: {fault}" for fault in faults(page, {})]
            page.emulate_media(color_scheme="dark")
            found += [f"{shown.name}, dark: {fault}" for fault in faults(page, IN_DARK)]
            looked_at.append(shown.name)
    finally:
        context.close()

    assert len(looked_at) > 60, looked_at
    told = {each.partition(" <")[0] for each in found if each.startswith("bad")}
    assert {"bad: image-alt:", "bad: color-contrast:", "bad, dark: color-contrast:"} <= told
    assert [each for each in found if not each.startswith("bad")] == []
