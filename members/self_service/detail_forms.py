"""The forms of a member's own details: who and where they are, and where letters go."""

from wtforms import HiddenField

from core.forms import PublicForm, email_field, phone_field
from members.forms import first_line, name_field, postcode_field, second_line, town_field
from members.self_service.moving import Choice, Details


class DetailsForm(PublicForm):
    """Name, number and address. `branch` and `seen` are what was chosen of a move, if anything."""

    name = name_field()
    phone = phone_field()
    address1 = first_line()
    address2 = second_line()
    town = town_field()
    postcode = postcode_field()
    branch = HiddenField()
    seen = HiddenField()

    def details(self) -> Details:
        """Return what was typed, once it is found valid."""
        return Details(
            name=self.name.data or "",
            phone=self.phone.value.e164 if self.phone.value else None,
            address1=self.address1.data or "",
            address2=self.address2.data or "",
            town=self.town.data or "",
            postcode=self.postcode.parsed,
        )

    def choice(self) -> Choice | None:
        """Return what was chosen of a move; None where nothing was asked yet."""
        return Choice(self.branch.data, self.seen.data or "") if self.branch.data else None


class EmailForm(PublicForm):
    """Where letters shall go."""

    email = email_field()
