"""Every button of every desk: pressed twice, from a page grown old, and about what is gone.

Each is answered in words with a way on, does what it does once, and is in the audit.
"""

import html
import re
import uuid

import pytest
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from staff.models import AuditEntry
from tests.safety import buttons, presses, walking
from tests.safety.buttons import Desk
from tests.safety.meanwhile import Case
from tests.safety.old_pages import CASES
from tests.safety.presses import Button
from tests.safety.presses_of_the_office import ELSEWHERE, EVERY
from tests.safety.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_WAY_ON = re.compile(r'<a [^>]*href="/desk[^"]*"|<form [^>]*action="/desk/(?:sign-in|account)')


def test_every_button_there_is_has_its_line(app: Flask) -> None:
    known = {each.rule for table in EVERY for each in table.values()}
    assert known | set(ELSEWHERE) == buttons.posts(app)


def test_a_second_press_is_answered_in_words_and_changes_nothing_more(town: Town) -> None:
    desk, faults = Desk(town), list[str]()
    for table in EVERY:
        for name, each in table.items():
            faults += [f"{name}: {told}" for told in twice(desk, each)]
            desk.put_back()
    assert "\n".join(faults) == ""


def twice(desk: Desk, button: Button) -> list[str]:
    """Press a button twice from one page; say what is not as it should be."""
    form = presses.open_page(desk, button)
    path, before, noted = presses.path_of(desk, button), desk.rows(), desk.noted()
    first = desk.send(button.who, path, form)
    after, told = desk.rows(), desk.noted()[len(noted) :]
    second = desk.send(button.who, path, form)
    faults = list(unsaid(desk, button.who, first)) + list(unsaid(desk, button.who, second))
    if first.status_code not in (200, 303):
        faults.append(f"does not do it: {first.status_code}")
    if bool(buttons.differing(before, after)) is not button.changes:
        faults.append(f"changed {buttons.differing(before, after)}")
    again = set(buttons.differing(after, desk.rows()))
    if again != button.again:
        faults.append(f"the second press changed {again}")
    account = uuid.UUID(desk.account(button.who)).hex  # as the database has it
    said = [f"{kind} {of} {detail}" for kind, by, of, _id, detail in told if by == account]
    if (button.noted in said) is not bool(button.noted):
        faults.append(f"noted as {said}")
    if " None " not in button.noted and any(row is None for *_who, row, _detail in told):
        faults.append("it is not noted of which record")
    return faults


def unsaid(desk: Desk, who: str, answer: TestResponse) -> list[str]:
    """Say what is wrong with an answer: none in words, or nowhere to go on to."""
    page = desk.arrive(who, answer)
    if page.mimetype != "text/html":
        return [] if page.status_code == 200 else [f"answered by {page.mimetype}"]
    faults = [f"{page.status_code}"] if page.status_code >= 500 else []
    if not _WAY_ON.search(page.text):
        faults.append(f"{page.status_code} without a way on")
    if 'class="kicker">Error' in page.text:
        faults.append(f"{page.status_code} without words of its own")
    return faults


def test_a_page_grown_old_loses_nothing_and_says_what_happened(town: Town) -> None:
    desk, faults = Desk(town), list[str]()
    for number, each in enumerate(CASES):
        told = late(desk, each)
        faults += [f"{number}, {each.button.rule}, {each.says}: {what}" for what in told]
        desk.put_back()
    assert "\n".join(faults) == ""


# What shows nobody, or shows what everybody is told.
_NO_LOOK = {
    "/desk",
    "/desk/account",
    "/desk/branches",
    "/desk/health",
    "/desk/numbers",
    "/desk/retention",
    "/desk/accounts",
    "/desk/accounts/audit/export",
    "/desk/money/months",
    "/desk/money/months/<month>",
    "/desk/money/payouts",
    "/desk/money/offline/new",
    "/desk/overview",
    "/desk/people/export",
    "/desk/people/taken",
}
_OWN = ("/desk/account/", "/desk/branches/")


def test_every_look_at_somebody_is_in_the_audit(town: Town) -> None:
    """By whoever may look; what shows nobody is listed, so that a new page is thought about."""
    silent = set()
    for route in walking.routes(town):
        if (
            route.method == "GET"
            and route.guard == "staff"
            and "leaky" not in str(route)
            and "sound" not in str(route)
        ):
            for visitor in town.visitors.values():
                if visitor.role in route.roles and "A" in visitor.places:
                    before = looks(town)
                    answer = walking.send(town, route, visitor, "A")
                    if answer.status_code == 200 and looks(town) == before:
                        silent.add(route.rule.rule)
    assert {each for each in silent if not each.startswith(_OWN)} == _NO_LOOK


def looks(town: Town) -> int:
    with town.database.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def late(desk: Desk, case: Case) -> list[str]:
    """Press a button of a page that something has overtaken; say what is not as it should be."""
    button = case.button
    form = presses.open_page(desk, button)
    path = presses.path_of(desk, button)
    case.happens(desk)
    before = desk.rows()
    answer = desk.send(button.who, path, form)
    page = desk.arrive(button.who, answer)
    text = html.unescape(page.text)
    faults = unsaid(desk, button.who, answer)
    if page.status_code != case.status:
        faults.append(f"{page.status_code} instead of {case.status}")
    faults += [f"does not say {each!r}" for each in (case.says, *case.keeps) if each not in text]
    changed = buttons.differing(before, desk.rows())
    if bool(changed) is not case.acts:
        faults.append(f"changed {changed}")
    return faults


class _HoursAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(super().get_timestamp()) - 5 * 3600


def test_a_page_that_lay_open_for_hours_is_good_while_its_session_goes_on(town: Town) -> None:
    desk, button = Desk(town), presses.PEOPLE["note"]
    form = presses.open_page(desk, button)
    with town.visitors[button.who].client.session_transaction() as browser:
        secret = browser["csrf_token"]
    key = str(town.app.secret_key)
    old = URLSafeTimedSerializer(key, salt="wtf-csrf-token", signer=_HoursAgo).dumps(secret)
    for token, status in (("forged", 400), (old, 303)):
        sent = desk.send(button.who, presses.path_of(desk, button), {**form, "csrf_token": token})
        assert sent.status_code == status


def test_who_is_signed_out_gets_back_what_our_own_page_sent_and_no_secret(app: Flask) -> None:
    signed_out, path = app.test_client(), "/desk/account/password"
    form = {"text": "<b>Rowanwords", "password": "amber quilt", "why": "joined", "step": "called"}
    here = {"Origin": "http://localhost"}
    shown = signed_out.post(path, data=form, headers=here)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (403, "no-store")
    assert "&lt;b&gt;Rowanwords" in shown.text
    assert "amber quilt" not in shown.text
    assert ">joined<" not in shown.text
    del form["text"]
    for data, headers in ((form, here), ({"text": "lure"}, {"Origin": "https://example.com"})):
        sent = signed_out.post(path, data=data, headers=headers)
        assert (sent.status_code, sent.location) == (303, "/desk/sign-in")
