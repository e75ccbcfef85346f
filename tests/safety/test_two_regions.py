"""Two regions never see one another, whatever is asked for: ids, filters, sort orders, exports.

Hypothesis draws who looks, where, at whose rows, and what stands in the query. What is asked for
of B, by an id or by any detail, is answered as the like question about nobody.
"""

import html
import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus

import flask
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as times
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from branches.desk.finding import SHOWN as BRANCHES_SHOWN
from branches.directory import FILES
from members.desk.filters import NOWHERE as NOWHERE_AT_ALL
from members.desk.filters import SHOWN
from members.desk.person import number_of
from members.today.rules import REASONS, SHELVES
from payments.desk.finding import STATES as MONEY_STATES
from payments.desk.words import KINDS as PAYMENTS
from payments.models.money import OFFLINE_METHODS
from staff.models import KINDS
from tests.safety import walking
from tests.safety.town import BRANCHES, PEOPLE, PLACES, REGIONS, Town, Visitor
from tests.safety.walking import NOWHERE, Route

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# Somebody whom there is not, in the words in which somebody of B is asked for.
NOBODY = ("Absentia", "absent@example.org", "07700 900999", "LL57 1AA", "Nonesuch Row")
ASKED = (
    PEOPLE["B"].name.split()[0],
    PEOPLE["B"].email,
    PEOPLE["B"].phone,
    PEOPLE["B"].postcode,
    PEOPLE["B"].street,
)
ALIKE = dict(zip(ASKED, NOBODY, strict=True))
STRANGE = (
    "",
    "0",
    "-1",
    "99999999999999999999",
    "' OR 1=1 --",
    "%",
    "_",
    "\x00",
    "é" * 300,
    "null",
)
SORTS = ("name", "-name", "joined", "newest", "oldest", "region", "branch", "desc", "asc", "id")
DAYS = ("week", "month", "2026-01-01", "1066-10-14", "x")
# What a page may be asked with, by the name in its query; a page that has another name for it is
# asked with that once it stands here.
QUERIES: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(("q", "name", "email", "phone", "postcode"), st.sampled_from(ASKED)),
    **dict.fromkeys(("sort", "order", "by"), st.sampled_from(SORTS)),
    **dict.fromkeys(("state", "status"), st.sampled_from((*SHOWN, *MONEY_STATES, *STRANGE))),
    **dict.fromkeys(("page", "before", "most"), st.sampled_from((*STRANGE, "1", "2"))),
    **dict.fromkeys(("events", "notes", "looks", "dues"), st.sampled_from((*STRANGE, "1", "30"))),
    **dict.fromkeys(("from", "to", "since"), st.sampled_from(DAYS)),
    **dict.fromkeys(("moved", "silent"), st.sampled_from(("yes", "no"))),
    "branch": st.sampled_from((NOWHERE_AT_ALL, *(slug for slug, _postcode in BRANCHES.values()))),
    "done": st.sampled_from(("moved", "noted", "struck", "changed", *STRANGE)),
    "kind": st.sampled_from((*KINDS, *PAYMENTS, *STRANGE)),
    "method": st.sampled_from((*OFFLINE_METHODS, *STRANGE)),
    "format": st.sampled_from(("csv", "json", "html", "zip")),
    "reason": st.sampled_from(("looking for somebody", "")),
    "region": st.sampled_from([slug for slug, _code in REGIONS.values()]),
    "scope": st.sampled_from(("all", "mine", "A", "B")),
    "show": st.sampled_from((*BRANCHES_SHOWN, *STRANGE)),
    "shelf": st.sampled_from((*SHELVES, *STRANGE)),
    "why": st.sampled_from((*REASONS, *STRANGE)),
    "undone": st.sampled_from(("yes", "no")),
    "search": st.sampled_from(STRANGE),
    "count": st.sampled_from(("now", *STRANGE)),
    "file": st.sampled_from((*FILES, *STRANGE)),
    "subject": st.sampled_from(("member:1", "branch:7704462", *STRANGE)),
}
IDS = ("after", "account", "member", "person", "id", "enquiry", "agreement", "of", "last")
# What may stand before the id behind which a page of a list begins.
BEHIND = ("", "fresh-", "again-")
_ANOTHER = str.maketrans("0123456789ABCDEF", "1234567890BCDEFA")
# New on every page: a form's token, its number used once, the key under which a search is kept,
# and who has looked at it just now.
_NEW = re.compile(
    r'name="(?:csrf_token|nonce)"[^>]* value="[^"]+"|search=[0-9a-f]{8}'
    r'|<details class="fold section">.*?</details>',
    re.DOTALL,
)
_LEAST = 7
TRIES = times(
    max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def queries(town: Town, only: Collection[str] = ()) -> st.SearchStrategy[dict[str, str]]:
    """Some of the names, or of those alone, each with something of B, of A, of nobody, or strange.

    A person's number is asked for among their other details.
    """
    rows = [
        str(row) for name in town.rows if name.endswith("_id") for row in town.rows[name].values()
    ]
    numbers = [number_of(each) for each in town.members.values()]
    every = QUERIES | dict.fromkeys(IDS, st.sampled_from(rows))
    every["q"] = st.sampled_from((*ASKED, *numbers, *rows))
    every["after"] = st.sampled_from([f"{where}{row}" for where in BEHIND for row in rows])
    names = st.lists(st.sampled_from(sorted(only or every)), max_size=4, unique=True)
    return names.flatmap(lambda some: st.fixed_dictionaries({name: every[name] for name in some}))


def about_nobody(town: Town, query: Mapping[str, str]) -> dict[str, str]:
    """The same question, of whom there is not in place of whoever lives in B."""
    theirs = {rows["B"] for name, rows in town.rows.items() if name.endswith("_id")}
    none = {int: "7700999", uuid.UUID: str(uuid.UUID(int=7))}
    nobody = {f"{where}{row}": f"{where}{none[type(row)]}" for where in BEHIND for row in theirs}
    nobody |= ALIKE
    theirs_too = number_of(town.members["B"])  # letters for letters: digits may be a telephone's
    nobody[theirs_too] = theirs_too.translate(_ANOTHER)
    return {name: nobody.get(text, text) for name, text in query.items()}


def without(answer: TestResponse, query: Mapping[str, str], visitor: Visitor) -> tuple[int, str]:
    """An answer without what was typed, however it is written, and without what is new in each."""
    text = _NEW.sub("", f"{answer.location}\n{answer.text}")
    for typed in sorted(query.values(), key=len, reverse=True):
        if len(typed) < _LEAST:  # too short to be known again, and none of B's
            continue
        for written in {typed, html.escape(typed), quote(typed), quote_plus(typed)}:
            text = text.replace(written, "…")
    return answer.status_code, text


def faults_of(town: Town, route: Route, visitor: Visitor, query: Mapping[str, str]) -> list[str]:
    """Ask about B, and about nobody; say what is told."""
    where = f"{visitor.name}, {route}, {dict(query)}"
    found = []
    places = PLACES if route.rule.arguments else ("A",)
    for place in places:
        answer = walking.send(town, route, visitor, place, query)
        if answer.status_code >= 500:
            found.append(f"{where}: {answer.status_code}")
        found += [f"{where}: {told}" for told in walking.told_of_b(answer, str(query))]
        like = walking.send(town, route, visitor, place, nobody := about_nobody(town, query))
        if without(answer, query, visitor) != without(like, nobody, visitor):
            found.append(f"{where}: B is not answered as nobody is")
        if place == "B" and walking.expected(route, visitor, "B")[0] == 404:
            none = walking.send(town, route, visitor, NOWHERE, query)
            if without(answer, query, visitor) != without(none, query, visitor):
                found.append(f"{where}: B is not as what there is not")
    return found


def test_who_looks_after_one_region_learns_nothing_of_another(town: Town) -> None:
    looks = [
        each for each in walking.routes(town) if each.guard == "staff" and each.method == "GET"
    ]
    curious = [each for each in town.blind if each.role]
    assert len(curious) == 2

    @TRIES
    @given(st.sampled_from(looks), st.sampled_from(curious), queries(town))
    def learns_nothing(route: Route, visitor: Visitor, query: dict[str, str]) -> None:
        assert faults_of(town, route, visitor, query) == []

    before = walking.of_b(town)
    learns_nothing()
    assert walking.of_b(town) == before
    assert walking.noted_of_b(town) == []


def test_questions_find_a_search_that_tells_how_many_there_are(town: Town) -> None:
    (search,) = [each for each in walking.routes(town, leaky=True) if "search" in str(each)]
    visitor = town.visitors["organiser of A"]

    found = [faults_of(town, search, visitor, {"q": word}) for word in ASKED[:1]]

    assert all("B is not answered as nobody is" in " ".join(each) for each in found)


class Asked(ImmutableMultiDict[str, str]):
    """The query of a request; it remembers what it was asked for."""

    names: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> str:
        self.names.add(key)
        return super().__getitem__(key)

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002, ANN401 -- as its class has it
        self.names.add(key)
        return super().getlist(key, type=type)


class Request(flask.Request):
    """A request whose query remembers."""

    parameter_storage_class = Asked


def test_every_name_that_a_page_of_the_desk_reads_from_its_query_is_drawn(town: Town) -> None:
    town.app.request_class = Request
    Asked.names.clear()
    for route in walking.routes(town):
        if route.guard == "staff" and route.method == "GET":
            for name in ("organiser of A", "treasurer", "moderator", "admin"):
                walking.send(town, route, town.visitors[name], "A")

    assert {"search", "sort", "kind", "before"} <= Asked.names <= {*QUERIES, *IDS}
