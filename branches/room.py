"""What the views and commands of this room find in the running application."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app

from branches.locator import Locator
from branches.presenting import Presenter
from branches.texting.answering import TextLine
from branches.texting.gateways import Gateway
from branches.texting.notifying import Notices
from branches.texting.receiving import Rules
from core import clock

EXTENSION = "branches"


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that `branches.init_app` was given, or made of it.

    `notices` is None where no gateway can send a text that answers none.
    """

    locator: Locator
    presenter: Presenter
    text_line: TextLine
    text_rules: Rules
    notices: Notices | None
    gateways: Mapping[str, Gateway]


def room() -> Room:
    """Return the running application's own."""
    found: Room = current_app.extensions[EXTENSION]
    return found


def today() -> dt.date:
    """Return the calendar day in Britain, by the application's clock."""
    return clock.day_in_london(clock.now())
