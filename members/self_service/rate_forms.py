"""The form of somebody who would like to pay another rate."""

from wtforms import RadioField

from core.forms import PublicForm
from core.organisation import Rate
from members.rate_fields import check_rate, chosen_rate, own_amount_field, rate_field


class RateForm(PublicForm):
    """A rate of the organisation's, or an amount of one's own."""

    rate = rate_field()
    own_amount = own_amount_field()

    def validate_rate(self, field: RadioField) -> None:
        """Take none but a rate that there is."""
        check_rate(field)

    def chosen(self) -> Rate | None:
        """Return what was chosen; None where that cannot be told."""
        return chosen_rate(self.rate, self.own_amount)
