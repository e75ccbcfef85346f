"""Every button of the desk, as it is pressed: whose, on which page, with what typed, and noted how.

A route by which something is sent has a line here or in `presses_of_the_office.py`, or
`test_pressing.py` fails. `{names}` in the
addresses are the arguments of `Town.rows`, of A; `{other_id}` waits to be accepted.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass, field

from members.models import Member
from tests.safety.buttons import Desk

ORGANISER, ADMIN, TREASURER, MODERATOR = "organiser of A", "admin", "treasurer", "moderator"
WHY = "Rowanwords of a reason"


@dataclass(frozen=True)
class Button:
    """A button: the rule it leads to, who presses it, and the page where it stands.

    `noted` is how the audit tells it, as `kind row detail`; empty where nothing is changed that
    anybody asks about. `before` is done first. `action` is its address where that is not the rule.
    `again` names the tables in which a second press leaves something.
    """

    rule: str
    who: str
    page: str
    typed: dict[str, object] = field(default_factory=dict)
    noted: str = ""
    before: Callable[[Desk], None] | None = None
    action: str = ""
    changes: bool = True
    again: frozenset[str] = frozenset()


def filled_in(desk: Desk, template: str) -> str:
    """Put the ids of A into an address; an argument is asked for by its name alone."""
    town = desk.town
    names = [name for _text, name, _spec, _how in string.Formatter().parse(template) if name]
    return template.format(**{name: town.rows[name]["A"] for name in names})


def path_of(desk: Desk, button: Button) -> str:
    """Return the address that a button leads to."""
    rule = button.rule
    for kind in ("uuid:", "int:"):
        rule = rule.replace(f"<{kind}", "{")
    return filled_in(desk, button.action or rule.replace(">", "}"))


def open_page(desk: Desk, button: Button, **typed: object) -> dict[str, object]:
    """Open the page of a button as whoever presses it; return its form as it would be sent."""
    if button.before is not None:
        button.before(desk)
    told = {
        name: filled_in(desk, each) if isinstance(each, str) else each
        for name, each in {**button.typed, **typed}.items()
    }
    return desk.filled(button.who, filled_in(desk, button.page), path_of(desk, button), told)


def press(desk: Desk, button: Button, **typed: object) -> None:
    """Press a button once, on a page opened for it; it has to do what it says."""
    form = open_page(desk, button, **typed)
    answer = desk.send(button.who, path_of(desk, button), form)
    assert answer.status_code in (200, 303), (button.rule, answer.status_code, answer.text)


def stopped(desk: Desk) -> None:
    """Let the dues of A have ended, so that nobody would pay twice after two became one."""
    with desk.town.database.transaction() as session:
        member = session.get_one(Member, desk.town.members["A"])
        member.dues.stopped_at = desk.town.clock.now()


_MEMBER = "/desk/people/{member_id}"
_OTHER = "/desk/people/{other_id}"
_SAME = "/desk/people/{member_id}/same/{other_id}"
_FILES = "/desk/branches/directory"

PEOPLE = {
    "note": Button(
        "/desk/people/<uuid:member_id>/notes",
        ORGANISER,
        _MEMBER,
        {"text": "Rowanwords: sings in a choir"},
        "change member note",
    ),
    "strike": Button(
        "/desk/people/<uuid:member_id>/notes/<int:note_id>/strike",
        ORGANISER,
        _MEMBER,
        noted="change member note-struck",
    ),
    "details": Button(
        "/desk/people/<uuid:member_id>/details",
        ORGANISER,
        f"{_MEMBER}/details",
        {"town": "Rowantown"},
        "change member details:address",
    ),
    "transfer": Button(
        "/desk/people/<uuid:member_id>/transfer",
        ORGANISER,
        f"{_MEMBER}/transfer",
        {"to": "branch:cardiff", "note": "Rowanwords: moved house"},
        "change member moved:branch-7704462",
    ),
    "accept": Button(
        "/desk/people/<uuid:member_id>/accept",
        ORGANISER,
        _OTHER,
        noted="change member accepted",
        action=f"{_OTHER}/accept",
    ),
    "decline": Button(
        "/desk/people/<uuid:member_id>/decline",
        ORGANISER,
        _OTHER,
        {"why": WHY},
        "change member declined",
        action=f"{_OTHER}/decline",
    ),
    "same": Button(
        "/desk/people/<uuid:member_id>/same/<uuid:other_id>",
        ORGANISER,
        _SAME,
        {"keep": "{other_id}", "why": WHY},
        "change member merged",
        stopped,
    ),
    "two": Button(
        "/desk/people/<uuid:member_id>/two/<uuid:other_id>",
        ORGANISER,
        _SAME,
        noted="change member two-people",
    ),
    "export": Button(
        "/desk/people/export",
        ORGANISER,
        "/desk/people/export",
        {"kind": "csv", "reason": WHY},
        "export people-export csv:1",
    ),
    "labels": Button(
        "/desk/people/export",
        ORGANISER,
        "/desk/people/export",
        {"kind": "labels", "reason": WHY},
        "export people-export labels:1",
    ),
    "called": Button(
        "/desk/today/people/<uuid:member_id>",
        ORGANISER,
        "/desk/today/people/{member_id}",
        {"step": "called", "note": "Rowanwords: is keen"},
        "change member today:called",
    ),
    "claim": Button(
        "/desk/today/people/<uuid:member_id>",
        ORGANISER,
        "/desk/today/people/{member_id}",
        {"step": "claim"},
        "change member today:claim",
    ),
    "texted": Button(
        "/desk/today/texts/<int:enquiry_id>",
        ORGANISER,
        "/desk/today/texts/{enquiry_id}",
        {"step": "left-word", "note": "Rowanwords: a machine"},
        "change enquiry today:left-word",
    ),
}
BRANCHES = {
    "confirm": Button(
        "/desk/branches/<int:branch_id>/confirm",
        ORGANISER,
        "/desk/branches/{branch_id}",
        noted="change branch confirmed",
    ),
    "tell": Button(
        "/desk/branches/<int:branch_id>/edit",
        ORGANISER,
        "/desk/branches/{branch_id}/edit",
        {"place": "Rowan Hall"},
        "change branch told:place",
    ),
    "branch": Button(
        "/desk/branches/directory/branch/<int:branch_id>",
        ADMIN,
        f"{_FILES}/branch/{{branch_id}}",
        {"name": "Rowan Forest"},
    ),
    "new branch": Button(
        "/desk/branches/directory/new",
        ADMIN,
        f"{_FILES}/new",
        {"slug": "rowan", "name": "Rowan", "region": "london", "postcode": "E11 1AA"},
    ),
    "region": Button(
        "/desk/branches/directory/region/<int:region_id>",
        ADMIN,
        f"{_FILES}/region/{{region_id}}",
        {"name": "Rowanshire"},
    ),
}


def _prepared(desk: Desk) -> None:
    """Prepare another name of a branch, and note under which number."""
    button = BRANCHES["branch"]
    answer = desk.send(ADMIN, path_of(desk, button), open_page(desk, button))
    assert answer.status_code == 303, answer.text
    desk.town.rows["change_id"]["A"] = str(answer.location).rpartition("/")[2]


BRANCHES["apply"] = Button(
    "/desk/branches/directory/changes/<uuid:change_id>",
    ADMIN,
    f"{_FILES}/changes/{{change_id}}",
    noted="change directory directory:applied",
    before=_prepared,
)
