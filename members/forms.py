"""The forms of joining and of asking for a link."""

import datetime as dt

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, ValidationError

from core import clock
from core.forms import (
    GuardedForm,
    Line,
    Parsed,
    Required,
    check_text,
    email_field,
    phone_field,
)
from core.organisation import Rate
from members import ages
from members.joining import Answer
from members.models import CHANNELS
from members.rate_fields import check_rate, chosen_rate, own_amount_field, rate_field
from members.room import room

NAME_CHARACTERS = 100
LINE_CHARACTERS = 100
_POSTCODE_CHARACTERS = 50
_SOURCE_CHARACTERS = 200
CONSENTS = {
    "email": _l("You may write to me by e-mail with news, campaigns and appeals."),
    "phone": _l("You may ring me now and then about what is on near me."),
    "text": _l("You may send me text messages about meetings and events."),
    "post": _l("You may send me leaflets and letters by post."),
}


class _NotAPostcode(ValueError):
    """The text is not a whole postcode."""


def _postcode(text: str) -> str:
    found = room().places.read(text) if len(text) <= _POSTCODE_CHARACTERS else None
    if found is None:
        raise _NotAPostcode("is not a whole postcode")
    return found


def _showable(text: str | None) -> str:
    """Return what stands in a hidden field; nothing for what nobody could put right there."""
    try:
        check_text(text or "", most=_SOURCE_CHARACTERS, lines=False)
    except ValidationError:
        return ""
    return text or ""


def name_field() -> StringField:
    """Make the field for somebody's name."""
    return StringField(_l("Full name"), [Required(_l("Enter your name.")), Line(NAME_CHARACTERS)])


def first_line() -> StringField:
    """Make the field for the first line of an address."""
    return StringField(
        _l("Address"),
        [Required(_l("Enter the first line of your address.")), Line(LINE_CHARACTERS)],
    )


def second_line() -> StringField:
    """Make the field for what an address has beside its first line."""
    return StringField(_l("Second line of the address"), [Line(LINE_CHARACTERS)])


def town_field() -> StringField:
    """Make the field for the town of an address."""
    return StringField(
        _l("Town or city"), [Required(_l("Enter your town or city.")), Line(LINE_CHARACTERS)]
    )


def postcode_field() -> Parsed[str]:
    """Make the field for the postcode of an address."""
    return Parsed(
        _l("Postcode"),
        [Required(_l("Enter your postcode."))],
        parse=_postcode,
        refusals={_NotAPostcode: _l("Enter a whole postcode, such as E11 1AA.")},
    )


class JoinForm(GuardedForm):
    """Who, where, what you can pay, and how you would like to hear from us.

    `branch` is the slug of the branch that a leaflet or a page of ours names, `source` where the
    joiner came from. Neither is ever refused: what makes no sense there is left out.
    """

    branch = HiddenField(filters=[_showable])
    source = HiddenField(filters=[_showable])

    name = name_field()
    email = email_field()
    phone = phone_field()
    date_of_birth = Parsed(
        _l("Date of birth"),
        [Required(_l("Enter your date of birth."))],
        parse=ages.parse_day,
        refusals={
            ages.NotADay: _l("Enter your date of birth as day, month and year, such as 27/3/1985.")
        },
    )
    address1 = first_line()
    address2 = second_line()
    town = town_field()
    postcode = postcode_field()
    rate = rate_field()
    own_amount = own_amount_field()
    consent_email = BooleanField(CONSENTS["email"])
    consent_phone = BooleanField(CONSENTS["phone"])
    consent_text = BooleanField(CONSENTS["text"])
    consent_post = BooleanField(CONSENTS["post"])

    def validate_date_of_birth(self, field: Parsed[dt.date]) -> None:
        """Say it in words where somebody cannot join for their age."""
        minimum, today = room().rules.minimum_age, clock.day_in_london(clock.now())
        try:
            ages.check_age(field.parsed, today=today, minimum=minimum)
        except ages.TooYoung:
            raise ValidationError(
                _(
                    "You can join from the age of %(age)s. Until then, ring us and take part.",
                    age=minimum,
                )
            ) from None
        except ages.NotALifetimeAgo:
            raise ValidationError(_("Look at the year again: is this your birthday?")) from None

    def validate_rate(self, field: RadioField) -> None:
        """Take none but a rate that the organisation has."""
        check_rate(field)

    def chosen(self) -> Rate | None:
        """Return what is to be paid each month; None where that cannot be told."""
        return chosen_rate(self.rate, self.own_amount)

    @property
    def minor(self) -> bool:
        """Whether the day that was typed is the birthday of somebody under 18."""
        today = clock.day_in_london(clock.now())
        return self.date_of_birth.value is not None and ages.is_minor(
            self.date_of_birth.value, today=today
        )

    def answers(self) -> list[Answer]:
        """Return what was answered about each channel, with the sentences as they were shown.

        Who is under 18 is not asked: whatever is ticked on the page was no answer of theirs.
        """
        if self.minor:
            return []
        return [
            Answer(channel, bool(self[f"consent_{channel}"].data), str(CONSENTS[channel]))
            for channel in CHANNELS
        ]


class LinkForm(GuardedForm):
    """Asks for a link to the pages of an address."""

    email = email_field()
