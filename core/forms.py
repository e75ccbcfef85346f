"""Forms: what every public form is made of. A field parses what was typed, or says why not."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import StopValidation

from core.addresses import EmailAddress, NotAnEmailAddress, NotAPhoneNumber, PhoneNumber
from core.form_tokens import BadFormToken, ExpiredFormToken, FormTokens
from core.money import Money, NotAnAmount
from core.texts import says_something, unshowable

_Value = TypeVar("_Value")
_NEW_LINES = re.compile(r"\r\n?")


class PublicForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form for people who have no session: `core.form_tokens` guards it, not a cookie."""

    class Meta:
        """Leave Flask-WTF's own token out."""

        csrf = False

        def wrap_formdata(self, _form: object, formdata: object) -> MultiDict[str, str] | None:
            """Take what was typed, and neither files nor JSON in its place.

            A form made with `formdata=None` takes nothing that was sent: a new one is shown.
            """
            return None if formdata is None or request.method != "POST" else request.form


def options(words: Mapping[str, object]) -> list[Any]:
    """Return the options of a field to choose from: what is sent, and the words beside it."""
    return [SelectChoice(value, label) for value, label in words.items()]


class Required:
    """Refuse a field left empty, with words for this field."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __init__(self, words: object) -> None:
        self.words = words

    def __call__(self, _form: object, field: StringField) -> None:
        """Stop at once where nothing that can be seen was typed."""
        if not says_something(field.data or ""):
            field.errors = []
            raise StopValidation(str(self.words))


class Parsed(StringField, Generic[_Value]):
    """A field whose `value` is what its text means; `refusals` gives each error its words."""

    def __init__(
        self,
        label: object,
        validators: Sequence[object] = (),
        *,
        parse: Callable[[str], _Value],
        refusals: Mapping[type[ValueError], object],
        **kwargs: object,
    ) -> None:
        super().__init__(label, validators, **kwargs)  # type: ignore[arg-type]  # lazy words
        self.parse, self.refusals = parse, refusals
        self.value: _Value | None = None

    @property
    def parsed(self) -> _Value:
        """The value of a field that must be given, once its form is found valid."""
        if self.value is None:
            raise ValueError(f"{self.name} was not validated")
        return self.value

    def pre_validate(self, _form: object) -> None:
        """Parse what was typed; an empty field has no value, and `Required` may mind that."""
        if not (self.data or "").strip():
            return
        try:
            self.value = self.parse(self.data or "")
        except tuple(self.refusals) as error:
            raise StopValidation(str(self.refusals[type(error)])) from None


class GuardedForm(PublicForm):
    """A public form that changes something: it carries a token (`core.form_tokens`).

    `challenge` is what its sender is asked before it is acted on, where they are asked at all.
    """

    token = HiddenField()
    challenge: object | None = None


def new_token(form_name: str) -> str:
    """Return a token for one showing of the form of this name."""
    return _tokens().issue(form_name)


def nonce_of(form: GuardedForm, form_name: str) -> str | None:
    """Return the number used once that the form carries.

    Where there is none the form is told why, and given a new token, so that it can be shown again
    with everything typed and be sent once more.
    """
    try:
        return _tokens().nonce(form_name, form.token.data or "")
    except ExpiredFormToken:
        why = _("This page was open for a long time. Please look it over and send it again.")
    except BadFormToken:
        why = _("Please look over what you typed and send it again.")
    form.form_errors = [*form.form_errors, why]
    form.token.data = _tokens().issue(form_name)
    return None


def age_of(form: GuardedForm, form_name: str) -> dt.timedelta:
    """Return how long ago the form was shown; its token has been found good.

    One that has expired since then is as old as a form can be.
    """
    tokens = _tokens()
    try:
        return tokens.read(form_name, form.token.data or "")[1]
    except ExpiredFormToken:
        return tokens.lifetime


def _tokens() -> FormTokens:
    tokens: FormTokens = current_app.extensions["form_tokens"]
    return tokens


def email_field() -> Parsed[EmailAddress]:
    """Make the field for an e-mail address that must be given."""
    return Parsed(
        _l("E-mail address"),
        [Required(_l("Enter your e-mail address."))],
        parse=EmailAddress.parse,
        refusals={
            NotAnEmailAddress: _l("Enter an e-mail address such as name@example.org."),
        },
    )


def phone_field() -> Parsed[PhoneNumber]:
    """Make the field for a telephone number that may be left empty."""
    return Parsed(
        _l("Telephone number"),
        parse=PhoneNumber.parse,
        refusals={
            NotAPhoneNumber: _l("Enter a telephone number such as 07700 900123, or leave it."),
        },
    )


def money_field(label: object) -> Parsed[Money]:
    """Make the field for an amount of pounds."""
    return Parsed(
        label,
        [Required(_l("Enter an amount in pounds."))],
        parse=Money.parse,
        refusals={NotAnAmount: _l("Enter an amount in pounds, such as 10 or 12.50.")},
    )


class Line:
    """A validator for one line of text that people can read, of bounded length."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, _form: object, field: StringField) -> None:
        """Refuse what is too long, and what cannot be shown."""
        field.data = (field.data or "").strip()
        check_text(field.data, most=self.most, lines=False)


class Lines(Line):
    """A validator for a text of several lines; line ends become plain new lines."""

    def __call__(self, _form: object, field: StringField) -> None:
        """Refuse what is too long, and what cannot be shown."""
        field.data = _NEW_LINES.sub("\n", field.data or "").strip()
        check_text(field.data, most=self.most, lines=True)


def check_text(text: str, *, most: int, lines: bool) -> None:
    """Refuse text that is too long or holds what no page or mail can show.

    Raises:
        ValidationError: with words for the one who typed it.
    """
    if len(text) > most:
        raise ValidationError(
            _(
                "Use %(most)s characters at most; this is %(length)s.",
                most=f"{most:,}",
                length=f"{len(text):,}",
            )
        )
    if unshowable(text, lines=lines):
        raise ValidationError(_("Take out the characters that cannot be shown."))
