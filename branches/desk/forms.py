"""The forms of the desk of branches. What may stand in them the directory's loader knows."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.widgets import DateInput

from branches.desk.editing import TOLD, mark
from branches.desk.tables import Faults, Row, Tables
from branches.directory import BRANCHES, REGIONS
from core.addresses import EmailAddress, NotAnEmailAddress, NotAPhoneNumber, PhoneNumber
from core.forms import PublicForm


class _RowForm(PublicForm):
    """A form whose fields are cells of one row, or several, of the directory's files.

    `made_from` is the mark of what it was filled in with; `theirs` is what the fields would say now
    that somebody else has changed since.
    """

    made_from = HiddenField()
    theirs: Mapping[str, str] = {}

    def hold_against(self, held: Row) -> bool:
        """Say whether the form was made from what is held now; else note where they differ.

        Sent once more, it is taken as made from what is held now.
        """
        now = mark(held)
        if self.made_from.data == now:
            return True
        self.theirs = {name: cell for name, cell in held.items() if self.cell(name) != cell}
        self.made_from.data = now
        self.form_errors = [
            _(
                "Somebody else has changed this since you opened this page. Nothing of yours is"
                " kept yet: with each field that differs stands what it says now. Send the form"
                " once more to keep what you see in it."
            )
        ]
        return False

    def cell(self, name: str) -> str:
        """Return what was typed, in plain new lines."""
        return (self[name].data or "").replace("\r\n", "\n").replace("\r", "\n").strip()

    def tell(self, faults: Faults, others: Iterable[str]) -> None:
        """Put the loader's faults beside the fields that they are about, the others above."""
        for column, words in faults.items():
            if column in self:
                said = (_say(str(self[column].label.text), each) for each in words)
                self[column].errors = [*self[column].errors, *said]
            else:
                self.form_errors += [_say(column, each) for each in words]
        self.form_errors += list(others)


def _say(what: str, words: str) -> str:
    return str(_("%(what)s: %(fault)s", what=what, fault=words))


class TellForm(_RowForm):
    """What the public is told of a branch."""

    place = StringField(_l("Where it meets"))
    meets = TextAreaField(_l("When it meets"))
    email = StringField(_l("E-mail address of the branch"))
    phone = StringField(_l("Telephone number of the branch"))

    def fill(self, held: Row) -> None:
        """Fill in what a branch says."""
        for name in TOLD:
            self[name].data = held[name]
        self.phone.data = PhoneNumber(held["phone"]).national if held["phone"] else ""
        self.made_from.data = mark(held)

    def typed(self) -> Row:
        """Return the cells as they are kept, where they can be; the loader says of the others."""
        return {name: _kept(name, self.cell(name)) for name in TOLD}


def _kept(name: str, text: str) -> str:
    if name == "email" and text:
        try:
            return EmailAddress.parse(text).text
        except NotAnEmailAddress:
            return text
    if name == "phone" and text:
        try:
            return PhoneNumber.parse(text).e164
        except NotAPhoneNumber:
            return text
    return text


class BranchForm(_RowForm):
    """Which branch it is, where it lies, when it is open, and what it looks after."""

    slug = StringField(_l("Name in addresses"))
    name = StringField(_l("Name"))
    region = SelectField(_l("Region"), validate_choice=False)
    postcode = StringField(_l("Postcode"))
    lat = StringField(_l("Latitude"))
    lon = StringField(_l("Longitude"))
    opened = StringField(_l("Opens on"), widget=DateInput())
    closed = StringField(_l("Closes on"), widget=DateInput())
    catchments = TextAreaField(_l("Catchments"))
    sample = BooleanField(_l("A sample entry, to try the service"))

    CELLS = ("name", "region", "postcode", "lat", "lon", "opened", "closed")

    def offer(self, tables: Tables) -> None:
        """Offer the regions that there are."""
        self.region.choices = [(row["slug"], row["name"]) for row in tables.rows[REGIONS]]

    def fill(self, tables: Tables, row: Row) -> None:
        """Fill in a branch as its files have it."""
        held = self.held(tables, row)
        for name, cell in held.items():
            self[name].data = cell
        self.slug.data, self.sample.data = row["slug"], row["sample"] == "yes"
        self.made_from.data = mark(held)

    def held(self, tables: Tables, row: Row) -> Row:
        """Return what its files say of a branch, field by field."""
        areas = tables.catchments(row["slug"])
        listed = "\n".join(f"{each['kind']} {each['code']}" for each in areas)
        return {name: row[name] for name in self.CELLS} | {"catchments": listed}

    def put(self, tables: Tables, row: Row, *, today: str) -> None:
        """Write what was typed into the row of a branch, and into the catchments.

        It is open or closed by its dates. `today` is a day as ISO 8601 has it, so that days
        compare as texts do.
        """
        for name in self.CELLS:
            row[name] = self.cell(name)
        over = bool(row["closed"]) and row["closed"] <= today
        row["status"] = "closed" if over else "open"
        row["sample"] = "yes" if self.sample.data else "no"
        tables.look_after(row["slug"], self.areas())

    def areas(self) -> list[tuple[str, str]]:
        """Return the kinds and codes that were typed, one a line."""
        lines = (line.strip() for line in self.cell("catchments").split("\n"))
        parts = (line.partition(" ") for line in lines if line)
        return [(kind, code.strip()) for kind, _space, code in parts]


class RegionForm(_RowForm):
    """A region, and the public line of its organiser."""

    name = StringField(_l("Name"))
    phone = StringField(_l("Telephone number, as it is dialled"))
    display = StringField(_l("Telephone number, as it is printed"))
    ons_code = StringField(_l("ONS code of the region or country"))
    notify_email = StringField(_l("Where the organiser is written to"))

    CELLS = ("name", "phone", "display", "ons_code", "notify_email")

    def fill(self, row: Row) -> None:
        """Fill in a region as its file has it."""
        for name in self.CELLS:
            self[name].data = row[name]
        self.made_from.data = mark(self.held(row))

    def held(self, row: Row) -> Row:
        """Return what its file says of a region, field by field."""
        return {name: row[name] for name in self.CELLS}

    def put(self, row: Row) -> None:
        """Write what was typed into the row of a region."""
        for name in self.CELLS:
            row[name] = self.cell(name)


def new_row(tables: Tables, slug: str) -> Row:
    """Put a row for a new branch at the end of the file; its cells are empty."""
    columns = ("slug", "name", "region", "postcode", "lat", "lon", "place", "meets")
    also = ("email", "phone", "status", "opened", "closed", "sample")
    row = dict.fromkeys((*columns, *also), "") | {"slug": slug}
    tables.rows[BRANCHES].append(row)
    return row
