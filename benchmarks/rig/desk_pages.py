"""The pages of the desks: who asks for each, and what they ask of a great membership."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.database import Database
from members.today.rules import SHELVES
from staff import sessions
from staff.door import TOKEN
from staff.models import StaffAccount, StaffScope
from staff.principal import Role

PAGE_MS, SEARCH_MS = 50.0, 100.0
MANY = 100
REGION = 3
A_FORM = "/desk/account/password"  # a page that shows nothing but a form: what each of them costs


@dataclass(frozen=True, slots=True)
class Asked:
    """A page: its route, who asks for it, and what they ask; what stands in `{}` varies.

    `pair` is said of a page about two people who are alike.
    """

    rule: str
    who: Role
    query: str = ""
    typed: str = ""
    pair: bool = False

    @property
    def most(self) -> float:
        """Within how many milliseconds 95 of 100 have to be answered."""
        return SEARCH_MS if self.typed else PAGE_MS

    def of(
        self, client: FlaskClient, chosen: Mapping[str, str], *, csrf: str, turn: int
    ) -> TestResponse:
        """Ask for it once, of these people and places, from an address of this turn's own."""
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.rule)
        if self.pair:
            address = address.replace("member_id", "newer_id")
        if self.query:
            address += f"?{self.query}"
        here = {"REMOTE_ADDR": f"127.0.{turn // 200}.{turn % 200 + 1}"}
        if not self.typed:
            return client.get(address.format(**chosen), environ_overrides=here)
        form = {"csrf_token": csrf, "q": self.typed.format(**chosen)}
        return client.post(address, data=form, environ_overrides=here, follow_redirects=True)

    def __str__(self) -> str:
        """Write it as its line names it."""
        return self.rule + (self.query and f"?{self.query}") + (self.typed and f" '{self.typed}'")


_TODAY, _PEOPLE, _MONEY = "/desk/today", "/desk/people", "/desk/money"
_PERSON, _AUDIT = "/desk/people/<uuid:member_id>", "/desk/accounts/audit"
_HERE, _CHIEF, _PURSE = Role.ORGANISER, Role.ADMIN, Role.TREASURER
PAGES = (
    Asked(A_FORM, _HERE),
    *(Asked(rule, who) for rule in ("/desk", "/desk/overview") for who in Role),
    Asked(_TODAY, _CHIEF),
    *(Asked(_TODAY, _HERE, query) for query in ("", *(f"shelf={each}" for each in SHELVES))),
    Asked(f"{_TODAY}/people/<uuid:member_id>", _HERE),
    Asked(f"{_TODAY}/texts/<int:enquiry_id>", _HERE),
    *(
        Asked(_PEOPLE, who, query)
        for who in (_HERE, _CHIEF)
        for query in (
            "",
            "after={member_id}",
            "state=arrears",
            "state=everybody&sort=newest",
            "branch=branch-{branch_id}",
            "branch=none",
            "since=month",
            "moved=yes",
            "silent=yes",
        )
    ),
    *(
        Asked(_PEOPLE, who, typed=typed)
        for who in (_HERE, _CHIEF)
        for typed in (
            "smith",
            "sam smith",
            "{surname}",
            "a",
            "nobody such",
            "{number}@example.org",
            "07700 900{last}",
            "E11 1AA",
            "E1",
        )
    ),
    Asked(_PERSON, _HERE),
    Asked(_PERSON, _PURSE),
    Asked(f"{_PERSON}/details", _HERE),
    Asked(f"{_PERSON}/transfer", _HERE),
    Asked(f"{_PERSON}/same/<uuid:other_id>", _CHIEF, pair=True),
    Asked(f"{_PEOPLE}/export", _HERE),
    Asked(f"{_PEOPLE}/export", _CHIEF),
    Asked(f"{_PEOPLE}/taken", _CHIEF),
    *(
        Asked(f"/desk/branches{rule}", who)
        for who, rule in (
            (_HERE, ""),
            (_CHIEF, ""),
            (_HERE, "/<int:branch_id>"),
            (_HERE, "/<int:branch_id>/edit"),
            (_CHIEF, "/directory"),
            (_CHIEF, "/directory/export"),
            (_CHIEF, "/directory/new"),
            (_CHIEF, "/directory/branch/<int:branch_id>"),
            (_CHIEF, "/directory/region/<int:region_id>"),
        )
    ),
    *(
        Asked(_MONEY, _PURSE, query)
        for query in ("", "kind=dues", "kind=donation", "state=given-back", "state=disputed")
    ),
    *(
        Asked(_MONEY, _PURSE, typed=typed)
        for typed in (
            "smith",
            "sam smith",
            "{surname}",
            "nobody such",
            "{number}@example.org",
            "ch_card{number}",
            "10.00",
            "{day}",
        )
    ),
    *(
        Asked(f"{_MONEY}{rule}", _PURSE)
        for rule in (
            "/payments/<uuid:payment_id>",
            "/refunds",
            "/held",
            "/offline",
            "/offline/new",
            "/bank",
            "/bank/<int:line_id>",
            "/bank/decided",
            "/payouts",
            "/disputes",
            "/checks",
            "/months",
            "/months/<month>",
            "/months/<month>/csv",
        )
    ),
    Asked("/desk/messages", Role.MODERATOR),
    Asked("/desk/messages/decided", Role.MODERATOR),
    Asked("/desk/numbers", _HERE),
    Asked("/desk/numbers", _CHIEF),
    Asked("/desk/accounts", _CHIEF),
    Asked("/desk/accounts/<uuid:account_id>", _CHIEF),
    *(
        Asked(_AUDIT, _CHIEF, query)
        for query in (
            "",
            "kind=change",
            "kind=export",
            "kind=export&since=week",
            "who=staff{branch_id}@example.org",
            "subject_kind=member&subject_id={member_id}",
        )
    ),
    Asked(f"{_AUDIT}/export", _CHIEF),
    Asked("/desk/requests", _CHIEF),
    Asked("/desk/requests/<int:number>", _CHIEF),
    Asked("/desk/retention", _CHIEF),
    Asked("/desk/health", _CHIEF),
)
LEFT = (
    "/desk/account",
    "/desk/branches/directory/changes/<uuid:change_id>",
)
"""How the pages begin that are left out: forms of one's own, and what is drafted at the desk."""
# What there is of each, of which a hundred are taken: of the region whose organiser asks.
POOLS = {
    "member_id": f"id FROM member WHERE region_id = {REGION} AND state = 'active'",
    "newer_id": "newer_id FROM likeness ORDER BY md5(id::text)",
    "other_id": "older_id FROM likeness ORDER BY md5(id::text)",
    "enquiry_id": f"id FROM enquiry WHERE region_id = {REGION}",
    "payment_id": "id FROM payment",
    "line_id": "id FROM bank_line WHERE state = 'waiting'",
    "branch_id": f"id FROM branch WHERE region_id = {REGION}",
    "region_id": "id FROM region",
    "account_id": "id FROM staff_account",
    "number": "id FROM privacy_request",
    "month": "to_char(moved_at, 'YYYY-MM') FROM ledger_transaction",
    "day": "CAST(paid_at AS date)::text FROM payment",
    "surname": "split_part(name, ' ', 2) FROM member WHERE name NOT LIKE '%Smith'",
    "last": "right(phone, 3) FROM member",
}


def sit_down(app: Flask, database: Database, *, now: dt.datetime) -> dict[Role, FlaskClient]:
    """Let somebody of each role sit at the desk, the organiser of a region."""
    clients = {}
    for role in Role:
        with database.transaction() as session:
            email = f"{uuid.uuid4().hex}@example.org"
            account = StaffAccount(
                id=uuid.uuid4(), email=email, email_key=email, role=role, invited_at=now
            )
            if role is Role.ORGANISER:
                account.scopes.append(StaffScope(region_id=REGION))
            session.add(account)
            session.flush()
            token = sessions.begin(session, account.id, "full", now=now)
        clients[role] = app.test_client()
        with clients[role].session_transaction() as browser:
            browser[TOKEN] = token
    return clients


def pools(database: Database) -> dict[str, list[str]]:
    """Return a hundred of each thing, from anywhere in its table and the same in every run."""
    found = {}
    with database.reading() as session:
        session.execute(sa.text("SELECT setseed(0.5)"))
        for name, asked in POOLS.items():
            order = "" if "ORDER BY" in asked else "ORDER BY random()"
            some = session.scalars(sa.text(f"SELECT {asked} {order} LIMIT {MANY}"))
            found[name] = [str(each) for each in some]
    return found


def csrf_of(client: FlaskClient) -> str:
    """Return what the forms of this session carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(A_FORM).text)
    if found is None:
        raise ValueError(f"{A_FORM} has no form")
    return found[1]
