"""The form of a card: what came of it. Flask-WTF's token guards it, and a number used once."""

import datetime as dt

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from core.forms import Lines
from members.desk.forms import OnceForm
from members.today import rules

_NOTE = 500
_DIGITS = 10  # every number of nine digits is one that a row can have


class StepForm(OnceForm):
    """What came of a card. `seen` is the version it was made from, `undoes` a step to take back.

    `day` is one of the meetings that were offered, `other` any other day; it counts before `day`.
    """

    step = HiddenField()
    seen = HiddenField()
    undoes = HiddenField()
    day = StringField(_l("Which meeting?"))
    other = DateField(_l("Another day"), [Optional()])
    note = TextAreaField(_l("A word about it"), [Lines(_NOTE)])

    today: dt.date

    @property
    def version(self) -> int:
        """The version of the card that the form was made from; one that never was, for rubbish."""
        return _number(self.seen.data, -1)

    @property
    def step_id(self) -> int:
        """The step to take back; one that never was, for rubbish."""
        return _number(self.undoes.data, 0)

    @property
    def their_day(self) -> dt.date | None:
        """The day on which they said they would come, if that is what came of it."""
        if self.step.data != "will-come":
            return None
        chosen: dt.date | None = self.other.data
        if chosen is not None or not self.day.data:
            return chosen
        return dt.date.fromisoformat(self.day.data)

    @property
    def meeting(self) -> dt.date | None:
        """The meeting of those offered that they said they would come to, if it is one of them."""
        return self.their_day if self.day.data and self.other.data is None else None

    def validate_step(self, field: HiddenField) -> None:
        """Refuse what no button of the page sends."""
        if field.data not in rules.STEPS:
            raise ValidationError(_("Press one of the buttons under “What came of it?”."))

    def validate_day(self, field: StringField) -> None:
        """Refuse what is no day to come."""
        try:
            day = dt.date.fromisoformat(field.data or "") if field.data else None
        except ValueError:
            raise ValidationError(_("Choose one of the meetings, or another day.")) from None
        self._to_come(day)

    def validate_other(self, field: DateField) -> None:
        """Refuse a day that is over, or out of sight."""
        self._to_come(field.data)

    def _to_come(self, day: dt.date | None) -> None:
        if day is None or self.step.data != "will-come":
            return
        if not self.today <= day <= self.today + rules.FURTHEST:
            raise ValidationError(_("Choose a day from today on, within a year."))


def _number(text: str | None, otherwise: int) -> int:
    """Read a number off a form; ASCII digits alone, and no more of them than a row can have."""
    known = text is not None and text.isascii() and text.isdecimal() and len(text) < _DIGITS
    return int(text) if known and text else otherwise
