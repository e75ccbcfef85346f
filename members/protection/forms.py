"""The forms of data protection: a request or complaint, and how somebody would like to hear."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField

from core.forms import GuardedForm, Line, Lines, PublicForm, Required, email_field, options
from members.forms import CONSENTS
from members.protection.asking import Asked

_NAME_CHARACTERS = 100
_MESSAGE_CHARACTERS = 2000
REQUESTS = {
    "access": _l("Send me a copy of all you hold about me"),
    "erasure": _l("Delete what you hold about me"),
    "correction": _l("Put something right"),
    "objection": _l("Stop using my details in some way"),
    "complaint": _l("I have a complaint about how you use my details"),
}


class RequestForm(GuardedForm):
    """What somebody asks for, and where the answer goes."""

    kind = RadioField(
        _l("What is it about?"), [Required(_l("Choose what it is about."))], choices=[]
    )
    name = StringField(_l("Full name"), [Required(_l("Enter your name.")), Line(_NAME_CHARACTERS)])
    email = email_field()
    message = TextAreaField(_l("Anything we should know"), [Lines(_MESSAGE_CHARACTERS)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options(REQUESTS)

    def asked(self) -> Asked:
        """Return what was asked for, once the form is found valid."""
        name, message = self.name.data or "", self.message.data or ""
        return Asked(self.kind.data, name, self.email.parsed, message)


class ConsentForm(PublicForm):
    """How somebody would like to hear from us, each way by itself."""

    email = BooleanField(CONSENTS["email"])
    phone = BooleanField(CONSENTS["phone"])
    text = BooleanField(CONSENTS["text"])
    post = BooleanField(CONSENTS["post"])
