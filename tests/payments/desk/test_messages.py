"""The moderator's desk: read, approved, hidden, taken back; and nothing of the money on it."""

import datetime as dt
import uuid

import pytest

from payments.models import Pledge, WallEntry
from tests.fakes import START
from tests.payments.desk.conftest import paid, pledge_of, words_of
from tests.staff.conftest import Desk, Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TEXT = "Solidarity from Leyton!\nRing 020 7946 0123 or see www.example.org/x today"


@pytest.fixture
def mo(desk: Desk) -> Person:
    return moderator(desk, "mo@example.org")


def moderator(desk: Desk, email: str) -> Person:
    return desk.invite(email, "--role", "moderator").arrive()


def message(desk: Desk, text: str = TEXT, at: dt.datetime = START) -> uuid.UUID:
    name = "Samira Jones"
    return pledge_of(desk, paid(desk, message=text, display="first", name=name, created_at=at))


def state(desk: Desk, pledge_id: uuid.UUID) -> str:
    with desk.database.reading() as session:
        entry = session.get(WallEntry, pledge_id)
        return entry.state if entry else "waiting"


def test_a_moderator_sees_what_the_wall_would_and_what_to_look_at_twice(
    desk: Desk, mo: Person
) -> None:
    message(desk)
    page = mo.client.get("/desk/messages").text
    assert "Samira" in page
    for kept_from_them in ("Jones", "sam@", "Sam@", "£"):
        assert kept_from_them not in page.partition("<main")[2]
    assert '<mark title="telephone number">Ring 020 7946 0123</mark>' in page
    assert '<mark title="link">www.example.org/x</mark> today' in page
    assert mo.client.get("/desk/money").status_code == 404


def test_a_message_is_approved_hidden_and_taken_back(desk: Desk, mo: Person) -> None:
    first, second = message(desk, "First"), message(desk, "Second", START + dt.timedelta(hours=1))
    page = words_of(mo.client.get("/desk/messages").text)
    assert page.index("First") < page.index("Second")
    for _press in range(2):
        answer = mo.press(f"/desk/messages/{first}/approve", seen="0")
        assert (answer.status_code, answer.location) == (303, f"/desk/messages?last={first}")
    assert "Approved: it is on the wall" in mo.client.get(answer.location).text
    without = mo.press(f"/desk/messages/{second}/hide", seen="0", why=" ")
    assert (without.status_code, "Give a reason" in without.text) == (422, True)
    assert mo.press(f"/desk/messages/{second}/hide", seen="0", why="an insult").status_code == 303
    assert (state(desk, first), state(desk, second)) == ("approved", "hidden")
    assert "hidden: an insult" in words_of(mo.client.get("/desk/messages/decided").text)
    assert mo.press(f"/desk/messages/{second}/undo", seen="2").status_code == 303
    assert state(desk, second) == "waiting"
    assert mo.press(f"/desk/messages/{second}/approve", seen="3").status_code == 303
    changes = [detail for kind, detail in desk.audit() if detail.startswith("message-")]
    assert changes == ["message-approve", "message-hide", "message-undo", "message-approve"]


def test_whoever_decides_on_what_has_changed_is_told_and_changes_nothing(
    desk: Desk, mo: Person
) -> None:
    ivy, one = moderator(desk, "ivy@example.org"), message(desk)
    assert mo.press(f"/desk/messages/{one}/hide", seen="0", why="an insult").status_code == 303
    told = ivy.press(f"/desk/messages/{one}/approve", seen="0")
    assert told.status_code == 409
    assert "Meanwhile mo@example.org has hidden that message: an insult." in told.text
    for seen in ("", "x", "-1", "9" * 40):
        assert ivy.press(f"/desk/messages/{one}/approve", seen=seen).status_code == 409
    assert state(desk, one) == "hidden"
    with desk.database.transaction() as session:
        session.get_one(Pledge, one).message = ""
    gone = ivy.press(f"/desk/messages/{one}/approve", seen="1")
    assert (gone.status_code, "erased meanwhile" in gone.text) == (409, True)
    assert ivy.press(f"/desk/messages/{uuid.uuid4()}/approve", seen="0").status_code == 404
    assert ivy.client.get("/desk/messages?last=x").status_code == 404
    assert ivy.client.get("/desk/messages?after=x").status_code == 404
