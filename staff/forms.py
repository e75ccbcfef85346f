"""The forms of the desk. Before the sign-in they carry a form token, behind it Flask-WTF's."""

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from core.forms import GuardedForm, Line, PublicForm, Required, email_field, options
from staff import passwords
from staff.accounts import Post
from staff.principal import Role

_LONGEST_CODE, _LONGEST_NAME, _LONGEST_REASON = 64, 40, 200
_DIGITS = 19  # of a number that a database can hold
ROLES = {
    Role.ORGANISER: _l("Organiser"),
    Role.TREASURER: _l("Treasurer"),
    Role.MODERATOR: _l("Moderator"),
    Role.ADMIN: _l("Admin"),
}
_FAULTS = {
    passwords.Fault.SHORT: _l("Use 15 characters or more: four words that mean nothing together."),
    passwords.Fault.LONG: _l("Use 200 characters at most."),
    passwords.Fault.COMMON: _l("Many people have used that one. Choose another."),
    passwords.Fault.OWN: _l("Leave your address and our name out of it."),
}


class _Bounded:
    """Refuse what is far longer than any password, before time is spent on it."""

    def __call__(self, _form: object, field: PasswordField) -> None:
        if len(field.data or "") > passwords.LONGEST:
            raise ValidationError(_("Use 200 characters at most."))


def _password(label: object) -> PasswordField:
    return PasswordField(label, [Required(_l("Enter your password.")), _Bounded()])  # type: ignore[arg-type]  # lazy words


class SignInForm(GuardedForm):
    """An address and a password."""

    email = email_field()
    password = _password(_l("Password"))


class CodeForm(PublicForm):
    """A code of the authenticator, or where it is asked for a recovery code."""

    code = StringField(_l("Code"), [Required(_l("Enter the code.")), Line(_LONGEST_CODE)])


class _NewPassword(PublicForm):
    """A password that is to be; `own` is what it must not hold."""

    new_password = PasswordField(
        _l("New password"),
        [Required(_l("Enter a new password.")), _Bounded()],
    )
    own: tuple[str, ...] = ()

    def validate_new_password(self, field: PasswordField) -> None:
        """Refuse what is short, common, or their own name."""
        fault = passwords.fault(field.data or "", self.own)
        if fault is not None:
            raise ValidationError(str(_FAULTS[fault]))


class AcceptForm(GuardedForm, _NewPassword):
    """What an invitation asks for."""


class ProofForm(PublicForm):
    """The present password, before something is changed that opens the desk."""

    password = _password(_l("Your password"))


class NameForm(PublicForm):
    """What somebody calls a passkey."""

    name = StringField(_l("Its name"), [Line(_LONGEST_NAME)])


class PasswordForm(ProofForm, _NewPassword):
    """The present password, and another in its place."""


class _Boxes(SelectMultipleField):
    """Boxes to tick, of which each is a row's id."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: object, **kwargs: Any) -> None:  # noqa: ANN401 -- the field's own
        super().__init__(label, coerce=int, choices=[], **kwargs)  # type: ignore[arg-type]  # lazy words


class SeenForm(PublicForm):
    """A form of an account that says which version of it its page showed."""

    seen = HiddenField()

    @property
    def version(self) -> int:
        """The version that was shown; one that never was, for rubbish."""
        text = self.seen.data or ""
        known = text.isascii() and text.isdecimal() and len(text) < _DIGITS
        return int(text) if known else -1


class PostForm(SeenForm):
    """A role, and for organisers where."""

    role = RadioField(
        _l("Role"),
        [Required(_l("Choose a role."))],
        choices=options({str(role): words for role, words in ROLES.items()}),
    )
    regions = _Boxes(_l("Regions"))
    branches = _Boxes(_l("Branches"))

    def post(self) -> Post:
        """Return what was chosen; the form was found valid."""
        return Post(
            Role(self.role.data),
            frozenset(self.regions.data or ()),
            frozenset(self.branches.data or ()),
        )

    def validate_regions(self, field: SelectMultipleField) -> None:
        """See that organisers, and they alone, have somewhere to look after."""
        somewhere = bool(field.data or self.branches.data)
        organiser = self.role.data == Role.ORGANISER
        if organiser and not somewhere:
            raise ValidationError(_("Tick a region or a branch for an organiser."))
        if somewhere and not organiser and self.role.data:
            raise ValidationError(_("Only organisers have regions and branches."))


class InviteForm(PostForm):
    """Whom to invite, and to do what."""

    email = email_field()


class AuditForm(PublicForm):
    """Whose entries to look for in the audit; the other filters are links."""

    account = SelectField(_l("By whom"), choices=[])


class TakeAuditForm(PublicForm):
    """Why a part of the audit is taken out. `nonce` is the number used once of the form."""

    nonce = HiddenField()
    reason = StringField(
        _l("What for?"), [Required(_l("Say what the file is for.")), Line(_LONGEST_REASON)]
    )

    @property
    def number(self) -> uuid.UUID:
        """The form's number. One that somebody has made up is good for them alone."""
        try:
            return uuid.UUID(self.nonce.data or "")
        except ValueError:
            return uuid.uuid4()

    def anew(self) -> None:
        """Give the form a number that no other has."""
        self.nonce.data = str(uuid.uuid4())
