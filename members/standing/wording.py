"""What somebody who falls behind is texted: short, and with how to get no more of it."""

import datetime as dt
import textwrap
from collections.abc import Callable

from flask_babel import force_locale
from flask_babel import gettext as _

from core.months import first_day
from core.organisation import Organisation
from core.words import day
from members.standing.reminding import Reminder

# So that two parts of a text hold everything, whatever the organisation is called.
_LONGEST_NAME = 40


def texted(organisation: Organisation) -> Callable[[Reminder], str]:
    """Return what puts words to a reminder. No name stands in them: a phone shows them locked."""
    name = textwrap.shorten(organisation.short_name, _LONGEST_NAME, placeholder="")

    def words(reminder: Reminder) -> str:
        paid = first_day(reminder.paid_up_to + 1) - dt.timedelta(days=1)
        said = {
            "org": name or organisation.short_name[:_LONGEST_NAME],
            "paid": day(paid),
            "lapse": day(first_day(reminder.lapses)),
            "phone": organisation.phone.display,
        }
        with force_locale("en_GB"):
            return f"{_said(reminder.stage, said)} {_('No more texts? Reply STOP.')}"

    return words


def _said(stage: str, said: dict[str, str]) -> str:
    if stage == "lapsed":
        words = _("%(org)s: dues came up to %(paid)s and your membership has lapsed.", **said)
        back = _("You are welcome back: %(phone)s.", **said)
        return f"{words} {back}"
    if stage == "last":
        words = _("%(org)s: dues came up to %(paid)s. Membership lapses on %(lapse)s.", **said)
    else:
        words = _("%(org)s: your dues came up to %(paid)s.", **said)
    help_ = _("See our e-mail, or ring %(phone)s.", **said)
    return f"{words} {help_}"
