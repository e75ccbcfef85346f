"""The two steps of giving."""

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)

from core.database import reading
from core.forms import (
    GuardedForm,
    Line,
    Lines,
    Parsed,
    PublicForm,
    Required,
    email_field,
    money_field,
    options,
)
from core.money import Money
from core.organisation import Limits
from core.texts import says_something
from payments import appeals
from payments.appeals import DEFAULT

FREQUENCIES = {"once": _l("Once"), "monthly": _l("Every month")}
DISPLAYS = {
    "full": _l("My full name"),
    "first": _l("My first name"),
    "anonymous": _l("No name"),
}
CONSENT = _l("You may write to me by e-mail about campaigns and appeals.")
_SHORT = 100
_SOURCE_CHARACTERS = 200


def limits() -> Limits:
    """Return the limits of the running application's organisation."""
    found: Limits = current_app.extensions["organisation"].limits
    return found


class GiftForm(PublicForm):
    """Step one, from our page or from a plain form on any other site."""

    amount = money_field(_l("Amount"))
    frequency = RadioField(_l("How often"), choices=options(FREQUENCIES), default="once")
    message = TextAreaField(_l("Your message"))
    appeal = HiddenField(filters=[lambda text: text or DEFAULT])
    source = HiddenField(validators=[Line(_SOURCE_CHARACTERS)])

    def validate_amount(self, field: Parsed[Money]) -> None:
        """Refuse less or more than the organisation takes."""
        least = Money(limits().donation_minimum_pence)
        most = Money(limits().donation_maximum_pence)
        if field.value is None or least <= field.value <= most:
            return
        if field.value < least:
            raise ValidationError(_("The least we can take is %(amount)s.", amount=str(least)))
        raise ValidationError(
            _("The most we can take here is %(amount)s. Please ring us.", amount=str(most))
        )

    def validate_appeal(self, field: HiddenField) -> None:
        """Go on with the usual appeal where a form elsewhere names one that is not ours."""
        with reading() as session:
            try:
                appeals.find(session, field.data or "")
            except appeals.NoSuchAppeal:
                field.data = DEFAULT
                raise ValidationError(
                    _("We have no such appeal. Your gift would go to the one shown here.")
                ) from None

    def validate_message(self, field: TextAreaField) -> None:
        """Keep the message as it is, or say why not; what nobody can see is none."""
        Lines(limits().message_characters)(self, field)
        if not says_something(field.data or ""):
            field.data = ""


class DetailsForm(GuardedForm):
    """Step two: who gives. It carries step one along, which `GiftForm` checks again."""

    amount = HiddenField()
    frequency = HiddenField()
    message = HiddenField()
    appeal = HiddenField()
    source = HiddenField()
    name = StringField(_l("Name"), [Required(_l("Enter your name.")), Line(_SHORT)])
    email = email_field()
    postcode = StringField(_l("Postcode"), [Line(_SHORT)])
    display = RadioField(
        _l("Name shown with your message"), choices=options(DISPLAYS), default="anonymous"
    )
    cover_fee = BooleanField(_l("Add the card fee"))
    consent = BooleanField(CONSENT)

    def validate_postcode(self, field: StringField) -> None:
        """Keep the postcode in its usual form, or say that it is none."""
        if field.data:
            normal = current_app.extensions["read_postcode"](field.data)
            if normal is None:
                raise ValidationError(_("Enter a postcode such as E11 1AA, or leave it empty."))
            field.data = normal
