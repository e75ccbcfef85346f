"""What the pages of this room find in the running application."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import current_app, g

from staff import authenticators
from staff.authenticators import Relying
from staff.health import Report
from staff.models import StaffSession
from staff.numbers import Series
from staff.places import Places
from staff.principal import Principal, Role

EXTENSION = "staff"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to a page of the desk: its endpoint, its words, who may go, and where it stands.

    `opens_for` are the roles whose day begins there; `waiting` counts, for whoever asks, how many
    wait there.
    """

    endpoint: str
    title: object
    words: object
    roles: frozenset[Role]
    rank: int
    opens_for: frozenset[Role] = frozenset()
    waiting: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A way as the desk's bar shows it: `here` marks the one that leads to this page.

    `waiting` is how many wait there, None where nobody counts.
    """

    href: str
    title: object
    here: bool
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that `staff.init_app` was given. `keys` sign and seal, newest first."""

    places: Places
    keys: Sequence[str]
    public_url: str
    organisation: str
    development: bool = False
    ways: list[Way] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    @property
    def relying(self) -> Relying | None:
        """Who passkeys are made for; None where browsers make none."""
        return authenticators.relying(self.public_url, self.organisation)


def room() -> Room:
    """Return the running application's own."""
    found: Room = current_app.extensions[EXTENSION]
    return found


def me() -> Principal:
    """Return who is at the desk; a guard of the staff has let them in."""
    found: Principal = g.principal
    return found


def here() -> StaffSession:
    """Return the session of who is at the desk, or on the way there."""
    found: StaffSession = g.staff_session
    return found
