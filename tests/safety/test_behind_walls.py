"""PostgreSQL beneath: the same walk for who is bound to a region, and pages that forgot to ask.

Row-level security is the second wall (docs/decisions/0015). Every page has to be as right before it
as on SQLite, where there is none; and where a page forgets the first wall, the second holds.
"""

import pytest

from tests.safety import walking
from tests.safety.test_every_route import HOLES
from tests.safety.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
# What a page shows of a row that it never should have looked for is not there to be shown.
HELD = ("/list", "/<uuid:member_id>", "/forbidden", "/told", "/change")


def test_who_is_bound_to_a_region_finds_it_and_no_other_behind_the_second_wall(town: Town) -> None:
    bound = [each for each in town.blind if each.role]
    there = [each for each in walking.routes(town) if each.guard == "staff"]
    before = walking.of_b(town)
    faults = [fault for each in bound for fault in walking.wrong_answers(town, each, there)]

    assert "\n".join(faults[:40]) == ""
    assert walking.of_b(town) == before
    assert walking.noted_of_b(town) == []


def test_the_second_wall_holds_where_a_page_forgets_the_first(town: Town) -> None:
    visitor = town.visitors["organiser of A"]
    holes = [each for each in HOLES if each.endswith(HELD)]
    assert len(holes) == len(HELD)
    before = walking.of_b(town)
    for route in walking.routes(town, leaky=True):
        if str(route) in holes:
            faults = walking.wrong_answers(town, visitor, [route])
            assert list(faults) == [], str(route)

    assert walking.of_b(town) == before
