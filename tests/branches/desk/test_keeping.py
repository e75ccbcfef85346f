"""Keeping what is told of a branch right: edited, confirmed, shown as each channel tells it."""

import datetime as dt

import pytest
from sqlalchemy import select

from branches.desk import confirming
from branches.desk.finding import stale_since
from branches.directory import load
from branches.models import Branch
from branches.postcodes import PostcodeIndex
from branches.room import room
from staff.models import StaffAccount
from tests.branches.desk.conftest import (
    BRANCHES,
    CATCHMENTS,
    REGIONS,
    Branches,
    days_on,
    fields,
)
from tests.branches.factories import files
from tests.fakes import START
from tests.questions import counted
from tests.staff.conftest import KIM

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_organiser_edits_what_is_told_of_a_branch_of_theirs_and_of_no_other(
    branches: Branches,
) -> None:
    client, path = branches.kim.client, branches.path("leyton", "/edit")
    listed = client.get("/desk/branches").text
    assert "Leyton" in listed
    assert "Cardiff" not in listed
    form = fields(client.get(path).text)
    typed = form | {"meets": "Every Monday,\r\n8 pm", "phone": "07700 900123", "place": "=Hall"}
    look = client.post(path, data=typed | {"look": "yes"})
    assert look.status_code == 200
    assert "Nothing is kept yet" in look.text
    assert "07700 900123" in look.text
    assert branches.branch("leyton").meets == ""

    assert client.post(path, data=typed).status_code == 303
    assert client.post(path, data=typed).status_code == 303  # the button pressed twice
    kept = branches.branch("leyton")
    assert (kept.meets, kept.phone) == ("Every Monday,\n8 pm", "+447700900123")
    assert "Every Monday" in client.get("/branches/leyton").text
    assert f"by {branches.kim.email}" in client.get(branches.path("leyton")).text
    about = [detail for kind, detail in branches.desk.audit() if kind == "change"]
    assert about == ["told:place_meets_phone", "confirmed"]

    old = client.post(path, data=form | {"meets": "Never"})
    assert old.status_code == 409
    assert "Every Monday" in old.text
    assert ">\r\nNever<" in old.text.replace(">Never", ">\r\nNever")
    for what in ("", "/edit"):
        assert client.get(branches.path("cardiff", what)).status_code == 404
    for what in ("/edit", "/confirm"):
        away = client.post(branches.path("cardiff", what), data=form | {"meets": "Mine"})
        assert away.status_code == 404
    assert branches.branch("cardiff").meets == ""


@once
def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(branches: Branches) -> None:
    client, path = branches.kim.client, branches.path("hackney", "/edit")
    form = fields(client.get(path).text)
    wrong = {"email": "nobody", "phone": "12", "place": "x" * 121, "meets": "Here\x0bthere"}
    answer = client.post(path, data=form | wrong)
    assert answer.status_code == 422
    assert 'value="nobody"' in answer.text
    for name in wrong:
        assert f'id="{name}-error"' in answer.text, name
    assert branches.branch("hackney").email == "hackney@example.org"


@once
def test_the_list_and_a_branch_ask_no_more_where_there_are_more_branches(
    branches: Branches, built_index: PostcodeIndex
) -> None:
    def asked(path: str) -> int:
        branches.kim.client.get(path)  # the directory is read again once it has changed
        with counted(branches.database) as statements:
            assert branches.kim.client.get(path).status_code == 200
        return len(statements)

    paths = ("/desk/branches", branches.path("leyton"), branches.path("leyton", "/edit"))
    before = [asked(path) for path in paths]
    more = "".join(f"b{each},B,london,E7 8AA,,,,,,,open,,,no\n" for each in range(40))
    sent = files(regions=REGIONS, branches=BRANCHES + more, catchments=CATCHMENTS)
    with branches.database.transaction() as session:
        load(session, sent, place_of=built_index.find, today=START.date(), areas=built_index)
        confirming.begin_to_count(session, today=START.date())
    assert [asked(path) for path in paths] == before
    assert max(before) <= 10


@once
def test_a_branch_is_shown_as_page_text_and_api_tell_it(branches: Branches) -> None:
    page = branches.kim.client.get(branches.path("leyton")).text
    with branches.desk.app.test_request_context(), branches.database.reading() as session:
        text = room().text_line.read(session, "Sam E11 1AA", today=START.date()).reply
    assert text
    assert text in page.replace("&#39;", "'")
    assert f"1 text of {len(text)} characters." in page
    assert "&#34;rule&#34;: &#34;nearest&#34;" in page
    assert "07700 900 001" in page


@once
def test_who_confirms_an_older_page_is_shown_what_it_says_now(branches: Branches) -> None:
    client, path = branches.kim.client, branches.path("hackney")
    form = fields(client.get(path).text)
    edit = branches.path("hackney", "/edit")
    client.post(edit, data=fields(client.get(edit).text) | {"meets": "Moved to Friday"})
    answer = client.post(f"{path}/confirm", data=form)
    assert answer.status_code == 409
    assert "Moved to Friday" in answer.text
    again = client.post(f"{path}/confirm", data=fields(answer.text))
    assert again.status_code == 303


@once
def test_stale_branches_are_written_of_at_six_months_to_the_day_and_once_a_quarter(
    branches: Branches,
) -> None:
    def letters_on(day: dt.date) -> int:
        branches.desk.clock.moment = START
        branches.desk.clock.move(days=days_on(day))
        return len(branches.desk.letters("london@example.org"))

    assert letters_on(START.date()) == 0  # nobody has confirmed them, and it counts from today
    with branches.database.transaction() as session:
        (kim,) = session.scalars(select(StaffAccount.id).where(StaffAccount.email == KIM))
        leyton = session.get_one(Branch, branches.id("leyton"))
        confirming.confirm(session, leyton, by=kim, today=dt.date(2026, 11, 23), now=START)
    assert letters_on(dt.date(2027, 5, 21)) == 0
    assert letters_on(dt.date(2027, 5, 22)) == 1
    assert letters_on(dt.date(2027, 6, 30)) == 1
    letter = branches.desk.mailer.to("london@example.org")[0].get_content()
    assert "Hackney (not confirmed yet)" in letter
    assert "Leyton" not in letter
    assert "/desk/branches?show=stale" in letter
    assert letters_on(dt.date(2027, 7, 1)) == 2
    second = branches.desk.mailer.to("london@example.org")[1].get_content()
    assert "Leyton (last confirmed on 23 November 2026)" in second


def test_a_month_too_short_for_the_day_ends_sooner() -> None:
    assert stale_since(dt.date(2027, 8, 31), 6) == dt.date(2027, 2, 28)
    assert stale_since(dt.date(2027, 1, 15), 12) == dt.date(2026, 1, 15)
