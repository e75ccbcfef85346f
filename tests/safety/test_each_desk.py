"""What each desk shows, and what it does not: money to treasurers, words to moderators.

Whoever is let in sees every region there. What they see of a person is what their work needs.
"""

import pytest

from tests.safety import walking
from tests.safety.papers import POUNDS
from tests.safety.town import PEOPLE, PLACES, Someone, Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def seen(town: Town, name: str) -> str:
    """Every page of the desk that somebody is let in to, of all they may see, in small letters."""
    visitor = town.visitors[name]
    found = []
    for route in walking.routes(town):
        if route.guard == "staff" and route.method == "GET" and visitor.role in route.roles:
            for place in sorted(visitor.places) if route.rule.arguments else PLACES[:1]:
                answer = walking.send(town, route, visitor, place)
                assert answer.status_code in (200, 303, 404), str(route)
                found.append(answer.text)
    return "\n".join(found).lower()


def held(text: str, *details: str) -> list[str]:
    """Those of the details that stand there."""
    return [each for each in details if each.lower() in text]


def details(who: Someone) -> list[str]:
    """Everything of somebody but their name and their words for the wall."""
    shown = f"{who.name} {who.words}".lower()
    return [each for each in who.canaries if each not in shown]


def test_a_treasurer_sees_the_money_of_every_region_and_no_note(town: Town) -> None:
    """Nor what organisers gave for a reason: it is a note by another name."""
    for place, who in PEOPLE.items():
        desk = town.visitors[f"organiser of {place}"]
        typed = {"csrf_token": desk.csrf, "why": who.note}
        path = f"/desk/people/{town.others[place]}"
        assert desk.client.post(f"{path}/decline", data=typed).location == f"{path}?done=declined"
        assert who.note in desk.client.get(path).text
    books = town.visitors["treasurer"].client
    story = [books.get(f"/desk/people/{each}").text for each in town.others.values()]
    assert ["Not accepted" in page for page in story] == [True, True]
    text = "\n".join((seen(town, "treasurer"), *story)).lower()
    for place, who in PEOPLE.items():
        money = [who.name, who.email, f"£{POUNDS[place]}", str(town.rows["wish_id"][place])]
        assert held(text, *money) == money
        assert held(text, who.note, who.note.split()[0]) == []


def test_a_moderator_sees_the_messages_of_every_region_and_nothing_else_of_anybody(
    town: Town,
) -> None:
    text = seen(town, "moderator")
    for place, who in PEOPLE.items():
        assert held(text, who.words) == [who.words]
        assert len(details(who)) > 12
        assert held(text, *details(who), f"£{POUNDS[place]}", str(town.members[place])) == []


def test_an_organiser_finds_no_way_to_the_desks_of_money_and_messages(town: Town) -> None:
    """Behind their addresses is nothing (the walk sees to it), and no link leads there."""
    text = seen(town, "organiser of A")
    assert held(text, PEOPLE["A"].note)
    assert held(text, "/desk/money", "/desk/messages", f"£{POUNDS['A']}") == []
    assert held(seen(town, "treasurer"), "/desk/messages", "/desk/accounts") == []
    assert held(seen(town, "moderator"), "/desk/money", "/desk/people") == []
