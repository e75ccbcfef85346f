"""Changes of one moment, on both databases: one of two counts, and nobody is moved twice."""

import uuid
from collections.abc import Callable
from functools import partial

from branches.desk import changing, following
from branches.desk.changing import StaleChange
from branches.desk.editing import TOLD, ChangedMeanwhile, change, mark, told
from branches.desk.world import World
from branches.locator import Locator
from branches.models import Branch
from members.residents import MembersHere
from staff import accounts
from staff.principal import Principal
from tests.branches.desk.conftest import LEYTON, Branches
from tests.core.together import together
from tests.fakes import START
from tests.staff.conftest import ALEX


def test_of_two_changes_at_one_moment_one_counts_and_people_follow_it_once(
    branches: Branches,
) -> None:
    people = [branches.settle(LEYTON, "leyton") for _each in range(3)]
    today = START.date().isoformat()
    prepared = [
        uuid.UUID(branches.prepare(slug, closed=today).rpartition("/")[2])
        for slug in ("leyton", "leyton", "newham")
    ]
    alex, world, locator = _alex(branches), _world(branches), _locator(branches)

    def apply(change_id: uuid.UUID) -> str:
        try:
            with branches.database.transaction() as session:
                by = alex.account_id
                done = changing.apply(session, change_id, world=world, by=by, now=START)
        except StaleChange:
            return "stale"
        return "applied" if done else "again"

    tries: list[Callable[[], str]] = [partial(apply, each) for each in (*prepared, prepared[0])]
    outcomes = together(*tries)
    assert outcomes.count("applied") == 1
    assert set(outcomes) <= {"applied", "stale", "again"}

    def follow() -> int:
        with branches.desk.app.app_context(), branches.database.transaction() as session:
            return following.follow(
                session,
                world=world,
                locator=locator,
                residents=MembersHere(),
                now=START,
            )

    together(follow, follow, follow)
    moved = sum(each.moved for each in branches.changes())
    gone = branches.branch("leyton").status == "closed"
    assert moved == (3 if gone else 0)
    assert {branches.stands(each) for each in people} == {"newham" if gone else "leyton"}


def test_of_two_who_edit_a_branch_at_one_moment_the_second_is_told(branches: Branches) -> None:
    alex, world = _alex(branches), _world(branches)
    held = told(branches.branch("leyton"))
    leyton = branches.id("leyton")

    def keep(place: str) -> str:
        try:
            with branches.database.transaction() as session:
                branch = session.get_one(Branch, leyton)
                cells = {name: held[name] for name in TOLD} | {"place": place}
                change(session, alex, branch, cells, made_from=mark(held), world=world, now=START)
        except ChangedMeanwhile as meanwhile:
            return meanwhile.now["place"]
        return "kept"

    outcomes = together(partial(keep, "Library"), partial(keep, "Hall"))
    (winner,) = set(outcomes) - {"kept"}
    assert outcomes.count("kept") == 1
    assert branches.branch("leyton").place == winner


def _alex(branches: Branches) -> Principal:
    with branches.database.reading() as session:
        account = accounts.by_email(session, ALEX)
        assert account is not None
        return accounts.principal(account)


def _locator(branches: Branches) -> Locator:
    found: Locator = branches.desk.app.extensions["branches"].locator
    return found


def _world(branches: Branches) -> World:
    return World.at(_locator(branches), START.date())
