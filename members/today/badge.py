"""The badge: how many wait on Today, beside its name in the desk's bar."""

from flask import g

from core import clock
from core.database import reading
from members.today import shelves
from members.today.room import room
from members.today.shelves import Desk
from staff.room import me

_COUNTED = "today_waiting"


def keep(waiting: int) -> None:
    """Keep for the rest of this request how many wait: a page that has counted them knows."""
    setattr(g, _COUNTED, waiting)


def waiting() -> int:
    """Return how many wait for whoever asks: by two questions, each of which is cut off."""
    found: int | None = g.get(_COUNTED)
    if found is None:
        desk = Desk(me(), clock.now(), room().quiet)
        with reading() as session:
            found = shelves.waiting(shelves.counts(session, desk, room().enquiries))
        keep(found)
    return found
