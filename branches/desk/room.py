"""What the pages of this desk find in the running application, beside the room's own."""

from dataclasses import dataclass

from flask import current_app

from branches.desk.moving import Residents
from branches.desk.world import World
from branches.room import room, today

EXTENSION = "branches_desk"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who knows the people, and after how many months a branch is to be confirmed again."""

    residents: Residents
    months: int


def desk() -> Desk:
    """Return the running application's own."""
    found: Desk = current_app.extensions[EXTENSION]
    return found


def world() -> World:
    """Return the index as it is, and today."""
    return World.at(room().locator, today())
