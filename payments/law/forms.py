"""The form that asks who gives, beside another form and only above the threshold of the day."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, ValidationError
from wtforms.validators import StopValidation

from core import clock
from core.forms import Line, PublicForm, Required, options
from core.money import Money
from payments.law.declaring import THRESHOLD, Declared, needed
from payments.law.figures import Figure, figure_at

DONORS = {
    "individual": _l("A person on a UK electoral register"),
    "company": _l("A company registered in the UK"),
    "trade-union": _l("A trade union"),
    "llp": _l("A limited liability partnership"),
    "building-society": _l("A building society"),
    "registered-society": _l("A friendly society, co-operative or other registered society"),
    "association": _l("An unincorporated association with its main office in the UK"),
    "party": _l("A political party registered in the UK"),
}
OWN = _l("The money is the donor's own. It is not given on behalf of anybody else.")
MAY_GIVE = _l(
    "The donor may give by law: a person who is on a UK electoral register with this name and "
    "address, or a body of the kind chosen above that carries on its activities in the UK."
)
MEMBER_MAY_GIVE = _l("I am on a UK electoral register with the name and address given above.")
_LINE, _SHORT = 100, 30
_WITH_A_NUMBER = ("company", "llp", "registered-society")
_COMPANY_NUMBER = re.compile(r"[A-Z0-9]{6,8}")
_AT_HOME = {
    *("uk", "united kingdom", "gb", "great britain", "britain"),
    *("england", "wales", "cymru", "scotland", "northern ireland"),
}


class Ticked:
    """Refuse a box that was not ticked, with words for this box."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __init__(self, words: object) -> None:
        self.words = words

    def __call__(self, _form: object, field: BooleanField) -> None:
        """Stop where it is empty."""
        if not field.data:
            raise StopValidation(str(self.words))


def _own() -> BooleanField:
    words = _l("We may take this only if it is the donor's own money: tick the box if it is.")
    return BooleanField(OWN, [Ticked(words)])


class DuesDeclarationForm(PublicForm):
    """What a joiner declares of dues above the threshold; name and address stand in their form.

    `declaration` says that the page has asked already. Until then an answer that is missing is no
    error of anybody's: the page comes back and asks.
    """

    declaration = HiddenField(default="asked")
    declare_may_give = BooleanField(
        MEMBER_MAY_GIVE,
        [Ticked(_l("We may take this only from somebody on a UK electoral register."))],
    )
    declare_own = _own()

    @property
    def asked(self) -> bool:
        """Whether whoever sent this had seen the questions."""
        return "declaration" in request.form

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Look at the answers; where nothing was asked yet, say why there are questions now."""
        if self.asked:
            return bool(super().validate(extra_validators))
        self.forget()
        self.form_errors = [
            _(
                "What you would pay comes to more than %(amount)s, so the law makes us ask who "
                "gives it. Nothing that you typed is lost.",
                amount=str(self.threshold),
            )
        ]
        return False

    def forget(self) -> None:
        """Begin anew: what another site may have sent along answers nothing here."""
        for field in self:
            field.process(None)

    @property
    def threshold(self) -> Figure:
        """The amount above which the law asks."""
        return figure_at(THRESHOLD, clock.now())

    @property
    def check_days(self) -> Figure:
        """How long we have to check."""
        return figure_at("check_days", clock.now())

    @property
    def report_threshold(self) -> Figure:
        """The sum in a year above which the donor is reported, and named in public."""
        return figure_at("report_threshold_central", clock.now())

    @property
    def wording(self) -> str:
        """What was agreed to, as it was shown."""
        return "\n".join(str(self[f"declare_{each}"].label.text) for each in ("may_give", "own"))


class DeclarationForm(DuesDeclarationForm):
    """What a giver declares: who gives, name and address as registered, and that they may."""

    declaration = HiddenField(default="asked")
    donor_type = SelectField(_l("Kind of donor"), choices=options(DONORS), default="individual")
    donor_name = StringField(_l("Full name on the register"), [Line(_LINE)])
    donor_number = StringField(_l("Registration number"), [Line(_SHORT)])
    donor_address1 = StringField(
        _l("Address"), [Required(_l("Enter the first line of the donor's address.")), Line(_LINE)]
    )
    donor_address2 = StringField(_l("Second line of the address"), [Line(_LINE)])
    donor_town = StringField(
        _l("Town or city"), [Required(_l("Enter the donor's town or city.")), Line(_LINE)]
    )
    donor_postcode = StringField(_l("Postcode of this address"), [Line(_SHORT)])
    donor_country = StringField(_l("Country, if not the United Kingdom"), [Line(_LINE)])
    declare_may_give = BooleanField(
        MAY_GIVE, [Ticked(_l("We may take this only from a donor who may give by law."))]
    )
    declare_own = _own()

    def validate_donor_name(self, field: StringField) -> None:
        """Ask a body for its name; a person may have given theirs beside it."""
        if self.donor_type.data != "individual":
            Required(_l("Enter the registered name of the body that gives."))(self, field)

    def validate_donor_number(self, field: StringField) -> None:
        """Ask those for their number who have one; a person has none."""
        kind = self.donor_type.data
        if kind == "individual":
            field.data = ""
        if kind in _WITH_A_NUMBER:
            Required(_l("Enter the number under which it is registered."))(self, field)
        if kind in ("company", "llp"):
            field.data = "".join((field.data or "").split()).upper()
            if not _COMPANY_NUMBER.fullmatch(field.data):
                raise ValidationError(_("Enter a number such as 01234567 or OC123456."))

    def validate_donor_country(self, field: StringField) -> None:
        """Leave our own country out; only a person on a register here may give from another."""
        typed = field.data or ""
        field.data = "" if typed.lower() in _AT_HOME else typed
        if field.data and self.donor_type.data != "individual":
            raise ValidationError(_("A body that gives must have its office in the UK."))

    def validate_donor_postcode(self, field: StringField) -> None:
        """Keep the postcode in its usual form; abroad, as it is typed or not at all."""
        abroad = (self.donor_country.data or "").strip().lower()
        if abroad and abroad not in _AT_HOME:
            return
        Required(_l("Enter the donor's postcode."))(self, field)
        normal = current_app.extensions["read_postcode"](field.data)
        if normal is None:
            raise ValidationError(_("Enter a whole postcode, such as E11 1AA."))
        field.data = normal

    def declared(self, giver: str) -> Declared:
        """Return what was declared; `giver` is the name of whoever filled the page in."""
        return Declared(
            donor_type=self.donor_type.data,
            name=self.donor_name.data or giver,
            address1=self.donor_address1.data or "",
            address2=self.donor_address2.data or "",
            town=self.donor_town.data or "",
            postcode=self.donor_postcode.data or "",
            country=self.donor_country.data or "",
            number=self.donor_number.data or "",
            wording=self.wording,
        )


def asked_of(amount: Money, *, fresh: bool = False) -> DeclarationForm | None:
    """Return the form to ask with who gives this amount; None where the law does not ask.

    A `fresh` one takes nothing from what was sent.
    """
    if not needed(amount, on=_today()):
        return None
    return DeclarationForm(formdata=None) if fresh else DeclarationForm()


def asked_of_dues(amount: Money) -> DuesDeclarationForm | None:
    """Return the form to ask a joiner with who pays this each month, if the law asks."""
    return DuesDeclarationForm() if needed(amount, on=_today()) else None


def _today() -> dt.date:
    return clock.day_in_london(clock.now())
