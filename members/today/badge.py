"""The badge: how many wait on Today, beside its name in the desk's bar.

Every page of the desk shows it, so it is counted once a minute at most for each who looks. Today
itself counts anew, and what it counted is shown from then on: whoever has just called somebody sees
it at once, and their colleagues within the minute.
"""

from core import clock
from core.database import reading
from members.today import shelves
from members.today.room import room
from members.today.shelves import Desk
from staff.room import me


def keep(waiting: int) -> None:
    """Keep how many wait for whoever asks."""
    room().badges.keep(me(), waiting, now=clock.now())


def waiting() -> int:
    """Return how many wait for whoever asks, as of the last minute."""
    now, badges = clock.now(), room().badges
    found = badges.find(me(), now=now)
    if found is None:
        desk = Desk(me(), now, room().quiet)
        with reading() as session:
            found = shelves.waiting(shelves.counts(session, desk, room().enquiries))
        badges.keep(me(), found, now=now)
    return found
