"""What the views of this room find in the running application."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from members.enquiries import Enquiries
from members.places import Places
from members.rules import Rules
from members.standing.reminding import Texter
from payments.till import Till

EXTENSION = "members"


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that `members.init_app` was given. `keys` sign links, newest first.

    `enquiries` knows who texted, and who wants no texts.
    """

    till: Till
    places: Places
    rules: Rules
    keys: Sequence[str]
    public_url: str
    enquiries: Enquiries
    texter: Texter | None = None


def room() -> Room:
    """Return the running application's own."""
    found: Room = current_app.extensions[EXTENSION]
    return found
