"""The forms of the desk of people. Flask-WTF's token guards each, and a number used once."""

import uuid

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from core.addresses import EmailAddress, NotAnEmailAddress, PhoneNumber
from core.forms import Line, Lines, Parsed, PublicForm, Required, options, phone_field
from members.desk.editing import Details
from members.desk.places import Offered
from members.models import Member
from members.records import EXPORT_KINDS
from members.room import room
from staff.principal import Principal

_LINE, _POSTCODE, _NOTE, _REASON = 100, 50, 2_000, 200


class _NotAPostcode(ValueError):
    """The text is not a whole postcode."""


def _postcode(text: str) -> str:
    found = room().places.read(text) if len(text) <= _POSTCODE else None
    if found is None:
        raise _NotAPostcode("is not a whole postcode")
    return found


class OnceForm(PublicForm):
    """A form that does what it does once; `number` is its number used once."""

    nonce = HiddenField()

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


class DetailsForm(PublicForm):
    """How somebody can be reached. `made_from` is the mark of what the form was filled in with."""

    made_from = HiddenField()
    name = StringField(_l("Full name"), [Required(_l("Enter their name.")), Line(_LINE)])
    phone = phone_field()
    email = Parsed(
        _l("E-mail address"),
        parse=EmailAddress.parse,
        refusals={NotAnEmailAddress: _l("Enter an e-mail address such as name@example.org.")},
    )
    address1 = StringField(_l("Address"), [Line(_LINE)])
    address2 = StringField(_l("Second line of the address"), [Line(_LINE)])
    town = StringField(_l("Town or city"), [Line(_LINE)])
    postcode = Parsed(
        _l("Postcode"),
        parse=_postcode,
        refusals={_NotAPostcode: _l("Enter a whole postcode, such as E11 1AA.")},
    )

    held: Details | None = None

    def fill(self, member: Member) -> None:
        """Fill in what is kept of a member."""
        self.held = Details.of(member)
        for name in Details.__slots__:
            self[name].data = getattr(self.held, name)
        self.phone.data = PhoneNumber(member.phone).national if member.phone else ""
        self.made_from.data = self.held.mark

    def typed(self) -> Details:
        """Return what was typed, as it is kept; the form was found valid."""
        return Details(
            name=self.name.data or "",
            email=self.email.value.text if self.email.value else "",
            phone=self.phone.value.e164 if self.phone.value else "",
            address1=self.address1.data or "",
            address2=self.address2.data or "",
            town=self.town.data or "",
            postcode=self.postcode.value or "",
        )

    def validate_email(self, field: Parsed[EmailAddress]) -> None:
        """Let nobody take away the address that letters go to: without one nothing reaches them."""
        if field.value is None and self.held is not None and self.held.email:
            raise ValidationError(_("Enter an e-mail address; without one no letter reaches them."))

    def validate_postcode(self, field: Parsed[str]) -> None:
        """Let nobody take away the postcode by which a branch is found."""
        if field.value is None and self.held is not None and self.held.postcode:
            raise ValidationError(_("Enter a whole postcode, such as E11 1AA."))


class NoteForm(OnceForm):
    """A note about somebody."""

    text = TextAreaField(_l("Note"), [Required(_l("Write something first.")), Lines(_NOTE)])


class TransferForm(OnceForm):
    """Where somebody is handed on to, and what is good to know there."""

    made_from = HiddenField()
    to = SelectField(_l("Hand on to"), validate_choice=False)
    note = TextAreaField(
        _l("Hand-over"),
        [Required(_l("Write what is good to know, if only why you hand them on.")), Lines(_NOTE)],
    )

    def offer(self, places: Offered, *, mine: Principal) -> None:
        """Offer the whole directory by region, the regions first that somebody looks after."""
        found: dict[str, list[tuple[str, str]]] = {}
        for region in sorted(places.regions, key=lambda each: each.id not in mine.regions):
            there = [each for each in places.branches if each.region_id == region.id]
            found[region.name] = [(f"branch:{each.slug}", each.name) for each in there]
            alone = _("%(region)s, no branch", region=region.name)
            found[region.name].append((f"region:{region.slug}", alone))
        self.to.choices = found


class DeclineForm(PublicForm):
    """Why an application is not accepted."""

    why = TextAreaField(_l("Why they are not accepted"), [Required(_l("Say why.")), Lines(_REASON)])


class MergeForm(PublicForm):
    """Which of two `records` of one person stays, by id, and why they are one person's."""

    keep = RadioField(_l("Which record stays?"), validate_choice=False)
    why = StringField(
        _l("How do you know?"),
        [Required(_l("Say how you know that they are one person.")), Line(_REASON)],
    )

    records: tuple[str, ...] = ()

    def validate_keep(self, field: RadioField) -> None:
        """Let nobody leave open which of the two stays."""
        if field.data not in self.records:
            raise ValidationError(_("Choose which record stays."))


class ExportForm(OnceForm):
    """What to take out, and why."""

    kind = RadioField(
        _l("What to take out"),
        choices=options(
            {
                "csv": _l("A file for a spreadsheet (CSV)"),
                "labels": _l("Labels for letters, to print on A4 sheets of 21"),
            }
        ),
        default=EXPORT_KINDS[0],
    )
    reason = StringField(
        _l("What for?"), [Required(_l("Say what the list is for.")), Line(_REASON)]
    )
