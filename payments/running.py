"""What the edges of this room, desk and commands alike, ask the running application."""

import datetime as dt

from flask import current_app

from core import clock
from payments import settling
from payments.till import Till


def rules() -> settling.Rules:
    """Return the rules by which the running application books."""
    till: Till = current_app.extensions["till"]
    return till.rules


def today() -> dt.date:
    """Return the day it is in Britain."""
    return clock.day_in_london(clock.now())


def spelled(text: str) -> str | None:
    """Give a postcode its usual spelling; None where it is none."""
    found: str | None = current_app.extensions["read_postcode"](text)
    return found
