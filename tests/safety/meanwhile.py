"""What has happened meanwhile, while a page of the desk lay open, and what its button says then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update

from branches.models import Enquiry
from members.protection import erasing, finding
from members.protection.registry import registry
from payments.models import Pledge
from tests.safety.buttons import Desk
from tests.safety.presses import ADMIN, Button, open_page, path_of, press
from tests.safety.presses_of_the_office import ADMINS, MONEY
from tests.safety.town import PEOPLE as LIVE

_Happens = Callable[[Desk], None]


@dataclass(frozen=True)
class Case:
    """A button of an old page: what happened, what is said, and which words the page has then.

    `acts` says that it is done all the same, to the record that stays.
    """

    button: Button
    happens: _Happens
    status: int
    says: str
    keeps: tuple[str, ...] = ()
    acts: bool = False


def by_another(button: Button, who: str = ADMIN, **typed: object) -> _Happens:
    """Let somebody else press the same button first, or another."""
    other = Button(button.rule, who, button.page, button.typed, action=button.action)
    return lambda desk: press(desk, other, **typed)


def both(*those: _Happens) -> _Happens:
    def happen(desk: Desk) -> None:
        for each in those:
            each(desk)

    return happen


def change(model: Any, where: Callable[[Desk], Any], **values: object) -> _Happens:  # noqa: ANN401 -- any table
    """Let the rows of a table be otherwise, as another process may make them."""

    def happen(desk: Desk) -> None:
        with desk.town.database.transaction() as session:
            session.execute(update(model).where(where(desk)).values(**values))

    return happen


def forgotten(desk: Desk) -> None:
    """Let the text be forgotten whose card is open."""
    with desk.town.database.transaction() as session:
        session.execute(delete(Enquiry).where(Enquiry.id == desk.town.rows["enquiry_id"]["A"]))


def erased(desk: Desk) -> None:
    """Let the person of A be erased at their wish, all of whose money has ended."""
    press(desk, MONEY["check"])
    someone, now = LIVE["A"], desk.town.clock.now()
    with desk.town.app.app_context(), desk.town.database.transaction() as session:
        session.execute(
            update(Pledge).where(Pledge.email_key == someone.email).values(stopped_at=now)
        )
        here = registry()
        person = finding.find(session, someone.email, keys=here.keys)
        erasing.erase(session, person, here, why="asked", who="office", now=now)


def revoked(email: str) -> _Happens:
    """Let an admin take an account back."""

    def happen(desk: Desk) -> None:
        desk.town.rows["account_id"]["A"] = desk.id_of(email)
        press(desk, ADMINS["revoke"])

    return happen


def applied(button: Button, **typed: object) -> _Happens:
    """Let somebody else change the directory, and apply it."""

    def happen(desk: Desk) -> None:
        answer = desk.send(ADMIN, path_of(desk, button), open_page(desk, button, **typed))
        form = desk.filled(ADMIN, str(answer.location), str(answer.location), {})
        assert desk.send(ADMIN, str(answer.location), form).status_code == 303

    return happen
