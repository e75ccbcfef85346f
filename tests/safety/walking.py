"""Walking the URL map: every route by everybody, with the ids of each region and with nonsense.

What is found comes back as sentences, so that a test can ask for none, or for one.
"""

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from core.guards import guard_of
from core.walking import walk
from members.models import Member
from payments.models import Pledge
from staff.models import AuditEntry, StaffAccount
from tests.safety.expected import EXPECTED
from tests.safety.leaks import ROLES
from tests.safety.town import PEOPLE, Town, Visitor
from tests.staff.test_every_route import ROUTES

NOWHERE = "nonsense"
# Rows of which somebody at the desk finds none but their own, whatever their scope.
PRIVATE = {"session_id", "passkey_id", "note_id"}
# What is everybody's: a year or a month has a statement, however little stands on it.
SHARED = {"year", "month"}
# An open page does not look at who comes: one of each kind of cookie is enough there.
EACH_KIND = ("signed out", "forged", "holder of A", "half: code", "organiser of A")
SIGN_IN, ASK = "/desk/sign-in", "/me"
_OWN = {"UUIDConverter": uuid.UUID(int=7), "IntegerConverter": 1066}
# The token of the way out at the foot of the desk holds the second in which it was made.
_TOKEN = re.compile(rb'name="csrf_token" value="[^"]+"')
_CHANGES_BY_ITSELF = {"Set-Cookie", "Date", "X-RateLimit-Remaining", "X-RateLimit-Reset"}


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one rule."""

    method: str
    rule: Rule

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def blueprint(self) -> str:
        return str(self.rule.endpoint).rpartition(".")[0]

    @property
    def guard(self) -> str:
        found = guard_of(self.blueprint)
        return found.name if found else "nobody"

    @property
    def roles(self) -> frozenset[str]:
        return ROUTES.get(str(self)) or ROLES


def routes(town: Town, *, leaky: bool = False) -> list[Route]:
    """Every route there is, those that change something after those that look, the ways out last.

    The pages with a hole in them are walked by themselves.
    """
    found = [
        Route(method, rule)
        for rule in town.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static" and (rule.endpoint.split(".")[0] == "desk_leaky") is leaky
    ]
    return sorted(found, key=lambda each: (_way_out(str(each)), each.method, str(each)))


def _way_out(route: str) -> int:
    """Say how late to go there: who has left has less to see, who has signed out has nothing."""
    return 2 * ("sign-out" in route) + ("/leave/" in route)


def path_of(town: Town, route: Route, place: str) -> str:
    """Fill the rule in with what stands for a place, or with what stands for nothing."""
    values = {}
    for name in route.rule.arguments:
        rows = town.rows.get(f"{route.rule.endpoint}:{name}") or town.rows.get(name)
        assert rows is not None, f"tests/safety/town.py has no row for {name} of {route}"
        kind = type(route.rule._converters[name]).__name__
        values[name] = rows[place] if place != NOWHERE else _OWN.get(kind, "no-such-thing")
    return str(town.app.url_map.bind("").build(route.rule.endpoint, values, method=route.method))


def send(
    town: Town, route: Route, visitor: Visitor, place: str, query: Mapping[str, str] | None = None
) -> TestResponse:
    """Go there as a visitor: an empty form, with its token where there is one."""
    if str(route) == "GET /desk/people" and query and "q" in query:
        query = looked_for(visitor, query)
    data = {"csrf_token": visitor.csrf} if route.method == "POST" and visitor.csrf else None
    return visitor.client.open(
        path_of(town, route, place), method=route.method, data=data, query_string=query
    )


def looked_for(visitor: Visitor, query: Mapping[str, str]) -> dict[str, str]:
    """Type `q` where people are looked for; return what the address says to which that leads."""
    typed = {"csrf_token": visitor.csrf, **query}
    answer = visitor.client.post("/desk/people", data=typed)
    rest = {name: value for name, value in query.items() if name != "q"}
    return rest | dict(parse_qsl(urlsplit(answer.location or "").query))


def finds(route: Route, visitor: Visitor, place: str) -> bool:
    """Whether there is such a thing, to whom the guard lets in."""
    if place == NOWHERE or route.rule.arguments <= SHARED:
        return place != NOWHERE
    if route.guard == "link_holder" or PRIVATE & route.rule.arguments:
        return visitor.own == place
    return route.guard == "anyone" or place in visitor.places


def turned_away(route: Route, visitor: Visitor) -> tuple[int, str | None] | None:
    """Say what a guard answers whom it does not let in; None where it does."""
    if route.guard in ("staff", "halfway"):
        if not (visitor.role if route.guard == "staff" else visitor.half):
            return 303, SIGN_IN
        if route.guard == "staff" and visitor.role not in route.roles:
            return 404, None
    if route.guard == "link_holder" and (not visitor.own or visitor.role):
        return 303, ASK
    return None


def expected(route: Route, visitor: Visitor, place: str) -> tuple[int, str | None]:
    """Say what a visit is answered with: a status, and where to for who has to prove themselves."""
    known = EXPECTED[route.blueprint][str(route)]
    refused = turned_away(route, visitor)
    if refused:
        return refused
    if route.rule.arguments and not finds(route, visitor, place):
        return 404, None
    return known if isinstance(known, int) else known[visitor.half or visitor.role], None


def unlisted(town: Town) -> list[str]:
    """Say which routes nobody wrote down what to expect of, and which are no more."""
    known = {route for table in EXPECTED.values() for route in table}
    there = {str(each) for leaky in (False, True) for each in routes(town, leaky=leaky)}
    return sorted(known ^ there)


def wrong_answers(town: Town, visitor: Visitor, those: Iterable[Route]) -> Iterator[str]:
    """Walk as one visitor; give what is not exactly as expected."""
    for route in those:
        if route.guard in ("anyone", "signed_gateway") and visitor.name not in EACH_KIND:
            continue
        places = (NOWHERE, "B", "A") if route.rule.arguments else ("A",)
        answers = {}
        for place in places:
            answer = answers[place] = send(town, route, visitor, place)
            status, where = expected(route, visitor, place)
            if (answer.status_code, where and answer.location) != (status, where):
                told = f"{answer.status_code} {answer.location or ''}"
                yield f"{visitor.name}, {route}, {place}: {told} instead of {status} {where or ''}"
            for told in _untoward(town, route, visitor, answer):
                yield f"{visitor.name}, {route}, {place}: {told}"
        for place in places:
            hidden = NOWHERE in answers and not finds(route, visitor, place)
            if hidden and plain(answers[place]) != plain(answers[NOWHERE]):
                yield f"{visitor.name}, {route}, {place}: not answered as what there is not"


def _untoward(town: Town, route: Route, visitor: Visitor, answer: TestResponse) -> Iterator[str]:
    if route.guard == "staff" and answer.headers.get("Cache-Control") != "no-store":
        yield "may be kept by a browser"
    if visitor in town.blind:
        yield from told_of_b(answer)


def plain(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """Everything of an answer but what is new in each."""
    headers = [(name, text) for name, text in answer.headers if name not in _CHANGES_BY_ITSELF]
    return answer.status_code, headers, _TOKEN.sub(b"", answer.data)


def told_of_b(answer: TestResponse, typed: str = "") -> Iterator[str]:
    """Give what an answer tells of B, in its body or its head; not what the visitor typed."""
    whole = f"{answer.headers}\n{_words_in(answer)}".lower()
    for canary in PEOPLE["B"].canaries:
        if canary in whole and canary not in typed.lower():
            yield f"tells {canary!r}"


def _words_in(answer: TestResponse) -> str:
    if answer.mimetype != "application/zip":
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist())


def of_b(town: Town) -> dict[str, list[object]]:
    """Every row of B's person, its branch and the colleague there: what nobody in A can change."""
    with town.database.reading() as session:
        found = walk(session, _roots(session, town))
        return {
            name: sorted((dict(row) for row in rows), key=str)  # asked twice, in any order
            for name, rows in found.items()
            if name not in ("audit_entry", "staff_session")
        }


def _roots(session: Session, town: Town) -> dict[str, list[object]]:
    email = PEOPLE["B"].email
    return {
        "member": list(session.scalars(select(Member.id).where(Member.email.endswith(email)))),
        "pledge": list(session.scalars(select(Pledge.id).where(Pledge.email.endswith(email)))),
        "enquiry": [town.rows["enquiry_id"]["B"]],
        "branch": [town.rows["branch_id"]["B"]],
        "staff_account": [town.rows["account_id"]["B"]],
    }


def noted_of_b(town: Town) -> list[str]:
    """Say what the audit holds about B that was written down for somebody bound to A."""
    ids = {str(rows["B"]) for name, rows in town.rows.items() if name.endswith("_id")}
    with town.database.reading() as session:
        found = session.execute(
            select(StaffAccount.email, AuditEntry.kind, AuditEntry.subject_id)
            .join(StaffAccount, StaffAccount.id == AuditEntry.account_id)
            .where(StaffAccount.role == "organiser", AuditEntry.subject_id.in_(ids))
        )
        return [
            f"{email}: a {kind} of {subject}"
            for email, kind, subject in found
            if not email.endswith("-b@example.org")
        ]
