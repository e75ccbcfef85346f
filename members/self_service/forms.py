"""The forms of a monthly giver: how long to pause, how much to give."""

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, RadioField, ValidationError

from core.forms import Parsed, PublicForm, money_field, options
from core.money import Money
from core.organisation import Limits, Organisation
from payments.monthly import wishing
from payments.monthly.amounts import Amount


def _organisation() -> Organisation:
    found: Organisation = current_app.extensions["organisation"]
    return found


def limits() -> Limits:
    """Return the limits of the running application's organisation."""
    return _organisation().limits


def cover(amount: Money) -> Money:
    """Return what covers the card fee of an amount; nothing where givers are not asked."""
    fee = _organisation().card_fee
    return fee.cover(amount) if fee else Money(0)


class PauseForm(PublicForm):
    """For how many months."""

    months = RadioField(_l("For how long?"), coerce=int, default=wishing.MONTHS[0])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.months.choices = options(
            {
                str(months): ngettext("%(num)s month", "%(num)s months", months)
                for months in wishing.MONTHS
            }
        )


class ChangeForm(PublicForm):
    """How much each month, and whether the card fee comes on top of it."""

    amount = money_field(_l("Amount each month"))
    cover_fee = BooleanField(_l("Add the card fee"))

    def validate_amount(self, field: Parsed[Money]) -> None:
        """Refuse less or more than a gift may be changed to, the card fee counted in."""
        if field.value is None:
            return
        least, most = limits().change_minimum_pence, limits().change_maximum_pence
        if field.value.pence < least:
            raise ValidationError(
                _("The least you can change to is %(amount)s.", amount=str(Money(least)))
            )
        if self.total(field.value).pence > most:
            raise ValidationError(
                _(
                    "The most you can change to here is %(amount)s. To give more, please begin a"
                    " new gift and stop this one: the law has us ask you some questions first.",
                    amount=str(Money(most)),
                )
            )

    def total(self, amount: Money) -> Amount:
        """Return what is taken each month for an amount, and the part that covers the fee."""
        added = cover(amount) if self.cover_fee.data else Money(0)
        return Amount(amount.pence + added.pence, added.pence)
