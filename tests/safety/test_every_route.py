"""Every route, by everybody, in every place, found by walking the URL map: as is written down."""

import pytest

from core.guards import guard_of
from tests.safety import walking
from tests.safety.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_route_answers_everybody_exactly_as_is_written_down(town: Town) -> None:
    """And nobody in London learns or changes anything of who lives in Wales."""
    assert walking.unlisted(town) == []
    before = walking.of_b(town)
    there = walking.routes(town)
    last = [each for each in town.visitors.values() if each not in town.blind]
    faults = [fault for each in town.blind for fault in walking.wrong_answers(town, each, there)]
    changed = [name for name, rows in walking.of_b(town).items() if rows != before[name]]
    noted = walking.noted_of_b(town)
    faults += [fault for each in last for fault in walking.wrong_answers(town, each, there)]

    assert "\n".join(faults[:40]) == ""
    assert changed == []
    assert noted == []
    assert len(there) * len(town.visitors) > 1000


def test_a_form_behind_a_sign_in_is_nothing_without_its_token(town: Town) -> None:
    """Whoever is let in, another site may send the form: it makes no sense then."""
    guarded = [
        each
        for each in walking.routes(town)
        if each.method == "POST" and (who := guard_of(each.blueprint)) and who.csrf
    ]
    assert len(guarded) > 20
    for visitor in town.visitors.values():
        token, visitor.csrf = visitor.csrf, ""
        for route in guarded:
            status, _where = walking.turned_away(route, visitor) or (400, None)
            answer = walking.send(town, route, visitor, "A")
            assert answer.status_code == status, f"{visitor.name}, {route}"
        visitor.csrf = token


# What is wrong with each page of `leaks`, in the words in which the walk tells it.
HOLES = {
    "GET /desk/leaky/list": "tells 'zephyrine quillfeather'",
    "GET /desk/leaky/<uuid:member_id>": "200  instead of 404",
    "GET /desk/leaky/<uuid:member_id>/forbidden": "403  instead of 404",
    "GET /desk/leaky/<uuid:member_id>/told": "not answered as what there is not",
    "GET /desk/leaky/<uuid:member_id>/noted": "a look of",
    "POST /desk/leaky/<uuid:member_id>/change": "member changed",
}


def test_the_walk_finds_what_is_wrong(town: Town) -> None:
    staff = [each for each in town.blind if each.role]
    for hole, wanted in HOLES.items():
        leaky = [each for each in walking.routes(town, leaky=True) if str(each) == hole]
        before = walking.of_b(town)
        faults = [fault for each in staff for fault in walking.wrong_answers(town, each, leaky)]
        after = walking.of_b(town)
        faults += [f"{name} changed" for name in before if before[name] != after[name]]
        faults += walking.noted_of_b(town)
        assert any(wanted in fault for fault in faults), (hole, faults)
