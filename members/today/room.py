"""What the pages of this desk find in the running application."""

import datetime as dt
from dataclasses import dataclass, field

from flask import current_app

from members.enquiries import Enquiries
from members.today.counted import Badges

EXTENSION = "desk_today"


@dataclass(frozen=True, slots=True)
class Room:
    """Who knows who texted, and after how long silence makes a card a quiet one."""

    enquiries: Enquiries
    quiet: dt.timedelta
    badges: Badges = field(default_factory=Badges)


def room() -> Room:
    """Return the running application's own."""
    found: Room = current_app.extensions[EXTENSION]
    return found
