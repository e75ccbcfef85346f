"""The desks of today and of branches, asked for another region's with forms that are filled in.

What every route answers to an empty form is the walk's.
"""

import uuid
from collections.abc import Mapping

from hypothesis import given
from hypothesis import settings as times
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from branches.desk import editing
from branches.models import Branch
from tests.safety import walking
from tests.safety.test_people_of_two_regions import ON_SQLITE, organisers
from tests.safety.test_two_regions import TRIES, faults_of, queries
from tests.safety.town import PEOPLE, Town, Visitor

SAYS = {"place": "The library", "made_from": editing.mark(dict.fromkeys(editing.TOLD, ""))}
CALLED = {"step": "called", "seen": "0", "note": "Rang them"}


def press(visitor: Visitor, path: str, typed: Mapping[str, str]) -> TestResponse:
    """Send a form, with its token and a number that no other has."""
    data = {"csrf_token": visitor.csrf, "nonce": str(uuid.uuid4()), **typed}
    return visitor.client.post(path, data=data)


@ON_SQLITE
def test_no_shelf_page_or_number_of_a_step_shows_a_card_of_another_region(town: Town) -> None:
    (cards,) = [each for each in walking.routes(town) if str(each) == "GET /desk/today"]
    admin, kim = town.visitors["admin"], town.visitors["organiser of A"]
    card = f"/desk/today/people/{town.members['B']}"
    noted = press(admin, card, CALLED).location
    step = noted.rpartition("=")[2]

    @times(TRIES, max_examples=12)
    @given(st.sampled_from(organisers(town)), queries(town, ("shelf", "after", "undone")))
    def learns_nothing(visitor: Visitor, query: dict[str, str]) -> None:
        assert faults_of(town, cards, visitor, query | {"done": step}) == []

    learns_nothing()
    assert PEOPLE["B"].name in admin.client.get(noted).text
    assert PEOPLE["A"].name in kim.client.get("/desk/today?shelf=joined").text
    assert walking.noted_of_b(town) == []


@ON_SQLITE
def test_a_form_about_another_region_is_answered_as_one_about_nobody(town: Town) -> None:
    def send(visitor: Visitor, what: str, member: object, branch: object) -> TestResponse:
        card = f"/desk/today/people/{member}"
        path, typed = {
            "step": (card, CALLED),
            "claim": (card, {"step": "claim"}),
            "undo": (card, {"step": "undo", "undoes": "1"}),
            "confirm": (f"/desk/branches/{branch}/confirm", SAYS),
            "tell": (f"/desk/branches/{branch}/edit", SAYS),
        }[what]
        return press(visitor, path, typed)

    every = ("step", "claim", "undo", "confirm", "tell")
    theirs, own = ((town.members[place], town.rows["branch_id"][place]) for place in ("B", "A"))
    press(town.visitors["admin"], f"/desk/today/people/{theirs[0]}", CALLED)
    before = walking.of_b(town)
    for visitor in organisers(town):
        for what in every:
            real = send(visitor, what, *theirs)
            assert real.status_code == 404
            none = send(visitor, what, uuid.UUID(int=7), 7)
            assert walking.plain(real) == walking.plain(none), what
    assert walking.of_b(town) == before
    assert walking.noted_of_b(town) == []
    kim = town.visitors["organiser of A"]
    answers = {what: send(kim, what, *own).status_code for what in every}
    assert answers == {**dict.fromkeys(every, 303), "undo": 409}  # the first step is none of it


@ON_SQLITE
def test_an_organiser_of_a_branch_tells_of_that_one_and_an_admin_of_any(town: Town) -> None:
    for name, place in (("organiser of a branch in A", "A"), ("admin", "B")):
        branch_id = town.rows["branch_id"][place]
        answer = press(town.visitors[name], f"/desk/branches/{branch_id}/edit", SAYS)
        assert answer.status_code == 303
        with town.database.reading() as session:
            assert session.get_one(Branch, branch_id).place == SAYS["place"]
