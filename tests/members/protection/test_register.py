"""The register of processing: whole, printed with the periods as they are set."""

import csv
import io
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from app import Adapters, create_app
from config import Settings
from core.database import Base, Database
from members.protection.registry import EXTENSION, Registry
from tests.fakes import FakeClock, FakeGateway, FakeMailer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def registry_of(app: Flask) -> Registry:
    found: Registry = app.extensions[EXTENSION]
    return found


def test_every_table_is_in_the_table_of_purposes_or_holds_nobody(app: Flask) -> None:
    """Add a new table to its room's `protection.py`: to a purpose, or to what holds nobody."""
    here = registry_of(app)

    assert set(Base.metadata.tables) - here.tables - here.without == set()
    assert (here.tables | here.without) - set(Base.metadata.tables) == set()
    assert here.tables & here.without == set()


def test_no_table_that_belongs_to_a_person_is_said_to_hold_nobody(app: Flask) -> None:
    about = re.compile(r"(^|_)(name|email|phone|postcode|recipient|sender|date_of_birth)(_|$)")
    # A payment's fund, and what a regular look at Stripe is called.
    named_otherwise = {"appeal", "sweep", "bank_account"}
    here = registry_of(app)
    found = {
        table.name
        for table in Base.metadata.sorted_tables
        if table.name in here.without - named_otherwise
        and (
            any(about.search(column.name) for column in table.columns)
            or any(key.column.table.name in ("member", "pledge") for key in table.foreign_keys)
        )
    }

    assert found == set()


def test_every_table_of_a_person_is_one_that_an_export_reaches(app: Flask) -> None:
    """What no foreign key leads to has a root of its own."""
    here = registry_of(app)
    roots = {
        *("member", "pledge", "inbound_text", "webhook_event", "outbox_mail", "access_link"),
        *("link_request", "privacy_request", "suppression", "erasure", "text_opt_out"),
        *("staff_account", "audit_entry"),
    }
    reached = set(roots)
    for table in Base.metadata.sorted_tables:
        if any(key.column.table.name in reached for key in table.foreign_keys):
            reached.add(table.name)
    # The directory is public.
    assert here.tables - reached == {"region", "branch"}


def test_every_key_that_leads_to_a_persons_rows_heads_an_index(app: Flask) -> None:
    """Else whoever asks for what we hold, or is erased, has the whole of a table looked through."""
    about = registry_of(app).tables - {"region", "branch"}
    found = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.sorted_tables
        if table.name in about and not table.name.startswith("staff_")  # of few people
        for key in table.foreign_keys
        if key.column.table.name in about and key.parent.name not in heads(table)
    }

    assert found == set()


def heads(table: sa.Table) -> set[str]:
    """Return the columns by which an index of all rows, or a key, finds something."""
    whole = [each for each in table.indexes if each.dialect_options["sqlite"]["where"] is None]
    keys = [
        each
        for each in table.constraints
        if isinstance(each, sa.UniqueConstraint | sa.PrimaryKeyConstraint)
    ]
    return {next(iter(each.columns)).name for each in (*whole, *keys)}


def test_the_register_says_all_of_every_purpose_and_its_period(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["members", "register", "--format", "csv"])

    rows = list(csv.DictReader(io.StringIO(printed.output)))
    assert printed.exit_code == 0
    assert len(rows) == len(registry_of(app).purposes)
    assert all(cell and "{" not in cell for row in rows for cell in row.values())
    kept = {row["purpose"]: row["kept"] for row in rows}
    assert kept["answering texts"].startswith("30 days")
    assert kept["letters"] == "365 days"


def test_the_register_can_be_read(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["members", "register"])

    assert printed.exit_code == 0
    assert printed.output.startswith("# Register of processing: ")
    assert "## Membership\n" in printed.output
    assert "- **lawful basis**: 6(1)" in printed.output


def test_the_register_follows_the_organisation(settings: Settings, database: Database) -> None:
    kept = replace(settings.organisation.retention, letter_days=100)
    theirs = replace(settings, organisation=replace(settings.organisation, retention=kept))
    made = create_app(theirs, Adapters(FakeClock(), database, FakeMailer(), FakeGateway()))

    printed = made.test_cli_runner().invoke(args=["members", "register"])

    assert "- **kept**: 100 days" in printed.output
