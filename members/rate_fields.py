"""The fields in which somebody says what they pay: a rate, or an amount of their own."""

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, RadioField, ValidationError
from wtforms.validators import StopValidation

from core.forms import Parsed
from core.membership import OWN_RATE
from core.money import Money, NotAnAmount
from core.organisation import Organisation, Rate
from members.room import room


def rate_field() -> RadioField:
    """Make the field for a rate; the last choice is an amount of one's own."""
    return RadioField(_l("Monthly dues"), choices=_choices, validate_choice=False)


def own_amount_field() -> "OwnAmount":
    """Make the field for an amount of one's own."""
    return OwnAmount(
        _l("Your own amount each month"),
        parse=Money.parse,
        refusals={NotAnAmount: _l("Enter an amount in pounds, such as 10 or 12.50.")},
    )


class OwnAmount(Parsed[Money]):
    """The field for an amount of one's own: looked at only where its `rate` is chosen.

    It is not below the lowest rate, and not above what may be taken at once.
    """

    def pre_validate(self, form: object) -> None:
        """Refuse, where an own amount is chosen, what is none and what is out of bounds."""
        if not isinstance(form, Form) or form["rate"].data != OWN_RATE:
            return
        super().pre_validate(form)
        if self.value is None:
            raise StopValidation(_("Enter how much you would like to pay each month."))
        least, most = room().rules.lowest, _most()
        if self.value.pence < least.pence:
            raise StopValidation(_("Enter %(amount)s or more.", amount=str(least)))
        if self.value.pence > most.pence:
            raise StopValidation(_("Enter %(amount)s or less.", amount=str(most)))


def check_rate(field: Field) -> None:
    """Take none but a rate that the organisation has, or an amount of one's own.

    Raises:
        ValidationError: with words for the one who chose.
    """
    if field.data != OWN_RATE and room().rules.rate(field.data or "") is None:
        raise ValidationError(_("Choose what you can pay each month."))


def chosen_rate(rate: Field, own: OwnAmount) -> Rate | None:
    """Return what was chosen; None where it is no rate, or no amount."""
    if rate.data != OWN_RATE:
        return room().rules.rate(rate.data or "")
    try:
        return Rate(OWN_RATE, _("An amount of your own"), Money.parse(own.data or ""))
    except NotAnAmount:
        return None


def _choices() -> list[tuple[str, str]]:
    rates = [
        (rate.slug, _("%(name)s: %(amount)s a month", name=rate.name, amount=str(rate.amount)))
        for rate in room().rules.rates
    ]
    return [*rates, (OWN_RATE, _("Another amount"))]


def _most() -> Money:
    found: Organisation = current_app.extensions["organisation"]
    return Money(found.limits.donation_maximum_pence)
