"""The forms of the desk of requests."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from core.forms import Lines, PublicForm, Required

_CHARACTERS = 1000


class DoneForm(PublicForm):
    """What came of a request or a complaint."""

    outcome = TextAreaField(
        _l("What came of it"), [Required(_l("Write what came of it.")), Lines(_CHARACTERS)]
    )


class ExtendForm(PublicForm):
    """Why an answer takes longer than a month."""

    why = TextAreaField(
        _l("Why it takes longer"),
        [Required(_l("Write the reason that you gave them.")), Lines(_CHARACTERS)],
    )
