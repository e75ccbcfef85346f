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
from members import ages
from members.joining import Answer
from members.models import CHANNELS
from members.room import room

_NAME_CHARACTERS = 100
_LINE_CHARACTERS = 100
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


def _rates() -> list[tuple[str, str]]:
    return [
        (rate.slug, _("%(name)s: %(amount)s a month", name=rate.name, amount=str(rate.amount)))
        for rate in room().rules.rates
    ]


class JoinForm(GuardedForm):
    """Who, where, what you can pay, and how you would like to hear from us.

    `branch` is the slug of the branch that a leaflet or a page of ours names, `source` where the
    joiner came from. Neither is ever refused: what makes no sense there is left out.
    """

    branch = HiddenField(filters=[_showable])
    source = HiddenField(filters=[_showable])

    name = StringField(_l("Full name"), [Required(_l("Enter your name.")), Line(_NAME_CHARACTERS)])
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
    address1 = StringField(
        _l("Address"),
        [Required(_l("Enter the first line of your address.")), Line(_LINE_CHARACTERS)],
    )
    address2 = StringField(_l("Second line of the address"), [Line(_LINE_CHARACTERS)])
    town = StringField(
        _l("Town or city"), [Required(_l("Enter your town or city.")), Line(_LINE_CHARACTERS)]
    )
    postcode = Parsed(
        _l("Postcode"),
        [Required(_l("Enter your postcode."))],
        parse=_postcode,
        refusals={_NotAPostcode: _l("Enter a whole postcode, such as E11 1AA.")},
    )
    rate = RadioField(_l("Monthly dues"), choices=_rates, validate_choice=False)
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
        if room().rules.rate(field.data or "") is None:
            raise ValidationError(_("Choose what you can pay each month."))

    def answers(self) -> list[Answer]:
        """Return what was answered about each channel, with the sentences as they were shown."""
        return [
            Answer(channel, bool(self[f"consent_{channel}"].data), str(CONSENTS[channel]))
            for channel in CHANNELS
        ]


class LinkForm(GuardedForm):
    """Asks for a link to the pages of an address."""

    email = email_field()
