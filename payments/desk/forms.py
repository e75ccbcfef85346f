"""The forms of the desks of money and messages."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from core.forms import (
    GuardedForm,
    Line,
    Parsed,
    PublicForm,
    Required,
    money_field,
    options,
)
from core.money import Money
from payments.desk import words
from payments.forms import DISPLAYS
from payments.offline.entering import Fault

_LONGEST_REASON = 300
_LONGEST_WORDS = 200
_SHOWN_AS = {key: DISPLAYS[key] for key in ("anonymous", "first", "full")}


class Reason(StringField):
    """A reason that has to be given; it is kept for good."""

    def __init__(self, label: object, **kwargs: Any) -> None:  # noqa: ANN401 -- the field's own
        needed = Required(_l("Give a reason; it is kept with the books."))
        super().__init__(label, [needed, Line(_LONGEST_REASON)], **kwargs)  # type: ignore[arg-type]  # lazy words

    @property
    def said(self) -> str:
        """The reason, once its form is found valid."""
        return self.data or ""


class SearchForm(PublicForm):
    """What a treasurer types to find a payment."""

    q = StringField(_l("Find a payment"))


class RefundForm(GuardedForm):
    """How much to give back, and why."""

    amount = money_field(_l("Amount to give back"))
    why = Reason(_l("Reason"))

    def validate_amount(self, field: Parsed[Money]) -> None:
        """Refuse nothing at all."""
        if field.value is not None and not field.value.pence:
            raise ValidationError(_("Enter more than nothing."))


class UndoForm(PublicForm):
    """Why something is taken back."""

    why = Reason(_l("Reason"))


class UndoEntryForm(GuardedForm):
    """Why an entry is taken back; a second press of it finds the first."""

    why = Reason(_l("Reason"))


class HeldForm(PublicForm):
    """What a treasurer decides of what is held, having seen why it is."""

    decision = RadioField(
        _l("Decision"),
        [Required(_l("Choose one of the two."))],
        choices=options(
            {
                "put-right": _l("It is put right at Stripe"),
                "look-again": _l("Look at it again: what was wrong is mended"),
            }
        ),
    )
    why = Reason(_l("What was done"))
    because = HiddenField()


class UndoLineForm(UndoForm):
    """Why what was decided of a line of the bank is taken back, and which decision that is."""

    seen = HiddenField()


class HideForm(PublicForm):
    """Why a message is kept off the wall."""

    why = Reason(_l("Reason"))
    seen = HiddenField()


class CheckForm(PublicForm):
    """What a treasurer decides of a gift above the law's threshold, having seen how it stood."""

    decision = RadioField(
        _l("Decision"),
        [Required(_l("Choose one of the two."))],
        choices=options(
            {
                "accept": _l("Keep it: the donor is permissible"),
                "return": _l("It has to go back"),
            }
        ),
    )
    why = Reason(_l("What the decision rests on"))
    seen = HiddenField()


class EntryForm(PublicForm):
    """A gift that came past Stripe; its fields are those of `payments.offline.entering`."""

    method = RadioField(_l("How it came"), choices=options(words.OFFLINE), validate_choice=False)
    amount = StringField(_l("Amount"))
    received = StringField(_l("Received on"))
    appeal = SelectField(_l("Appeal"), choices=[], validate_choice=False)
    dues = StringField(_l("Dues"))
    name = StringField(_l("Name"))
    email = StringField(_l("E-mail address"))
    postcode = StringField(_l("Postcode"))
    reference = StringField(_l("Your reference"))
    message = TextAreaField(_l("Message"))
    display = SelectField(
        _l("Name with the message"), choices=options(_SHOWN_AS), validate_choice=False
    )
    receipt = BooleanField(_l("Send a receipt by e-mail"))
    alike = HiddenField()
    again = BooleanField(_l("Yes, it is another one"))

    def typed(self) -> dict[str, str | None]:
        """Return what was typed, by the names of the fields."""
        found = {name: field.data for name, field in self._fields.items()}
        return {**found, "receipt": "yes" if self.receipt.data else ""}

    def tell(self, faults: list[Fault]) -> None:
        """Put each fault beside its field, or above the form."""
        tell(self, faults)


class StatementForm(PublicForm):
    """A bank's file, and of which account."""

    account = StringField(
        _l("Account"), [Required(_l("Name the account.")), Line(60)], default="bank"
    )


class MatchForm(PublicForm):
    """What a line of the bank is."""

    like = RadioField(_l("The same as before"), choices=[], validate_choice=False)
    appeal = SelectField(_l("Appeal"), choices=[], validate_choice=False)
    dues = StringField(_l("Dues"), [Line(_LONGEST_WORDS)])
    name = StringField(_l("Name"))
    email = StringField(_l("E-mail address"))
    postcode = StringField(_l("Postcode"))
    once = BooleanField(_l("Only this line: learn nothing for the next"))

    def tell(self, faults: list[Fault]) -> None:
        """Put each fault beside its field, or above the form."""
        tell(self, faults)


def tell(form: PublicForm, faults: list[Fault]) -> None:
    """Put each fault beside its field; those of no field stand above the form."""
    for each in faults:
        field = form._fields.get(each.field)
        if field is None:
            form.form_errors = [*form.form_errors, words.fault(each, "")]
        else:
            field.errors = [*field.errors, words.fault(each, str(field.label.text))]
