"""One person from a paper form, and that a form on paper is read as the form on the page is."""

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core.database import Database
from core.outbox import OutboxMail
from members.entering import fields
from members.entering.cells import Fault, Reading
from members.entering.fields import BadEntrant
from members.forms import JoinForm
from members.models import Likeness, Member
from members.room import room
from members.standing import recomputing
from payments.models import Pledge
from payments.offline.agreeing import runs
from tests.conftest import Work
from tests.fakes import START, FakeClock
from tests.members.conftest import join_form
from tests.members.entering.test_importing import everybody, run

pytestmark = [pytest.mark.index, pytest.mark.usefixtures("small_directory")]
SAM = (
    *("--name", "Sam Jones", "--date-of-birth", "27/3/1985", "--address1", "1 High Road"),
    *("--town", "London", "--postcode", "e11 1aa", "--rate", "standard"),
)
ADDRESS = ("--email", "sam@example.org")


def test_a_paper_form_is_entered_and_a_likeness_is_asked_about(
    app: Flask, database: Database
) -> None:
    ticked = ("--consent-post", "yes", "--consent-on", "1/11/2026")
    added = run(app, "add", *SAM, *ticked, "--consent-wording", "By post", "--kept-at", "Box 3")
    no = run(app, "add", *SAM, *ADDRESS, typed="n\n")
    yes = run(app, "add", *SAM, *ADDRESS, typed="y\n")
    asked = run(
        app,
        "add",
        typed="\nAlex\n\n\n1990-01-01\n2 Road\n\nLondon\nE11 1AA\nstandard\n" + "\n" * 11,
    )

    (alex, sam, double) = everybody(database)
    assert (added.exit_code, yes.exit_code, asked.exit_code, alex.name) == (0, 0, 0, "Alex")
    assert no.exit_code == 1
    assert (
        "They look like somebody: is a member already, by name, postcode and date of birth: "
        in no.stderr
    )
    assert {sam.email, double.email} == {"", "sam@example.org"}
    assert sam.state == "applied"
    assert "Entered as" in added.stdout
    bad = run(app, "add", "--name", "Sam", "--rate", "none", "--postcode", "E1")
    assert bad.exit_code == 1
    assert "postcode: is not a whole postcode such as E11 1AA" in bad.stderr.splitlines()


def test_two_with_one_number_there_cannot_be(app: Flask, database: Database) -> None:
    assert run(app, "add", *SAM, "--number", "7").exit_code == 0
    refused = run(app, "add", *SAM, "--number", "7", "--double")
    assert (refused.exit_code, len(everybody(database))) == (1, 1)
    assert refused.stderr.startswith("number: is a member already, by number: ")


def test_who_was_entered_and_sends_the_form_is_told_by_letter_and_not_doubled(
    app: Flask, database: Database, client: FlaskClient, work: Work
) -> None:
    assert run(app, "add", *SAM, *ADDRESS, "--joined-on", "1/5/2021").exit_code == 0

    answer = client.post("/join", data=join_form(client))
    work()

    assert len(everybody(database)) == 1, answer.location
    with database.reading() as session:
        assert session.scalars(select(OutboxMail.template)).all() == ["already_member"]
        assert session.scalar(select(Pledge.state).where(runs())) == "pending"


def test_the_first_due_in_cash_makes_who_came_on_paper_a_member_without_a_letter(
    app: Flask, database: Database, work: Work
) -> None:
    assert run(app, "add", *SAM).exit_code == 0
    (sam,) = everybody(database)
    money = ("--method", "cash", "--amount", "10", "--received", "2026-11-20")
    paid = app.test_cli_runner().invoke(
        args=["payments", "offline", "add", *money, "--dues", str(sam.dues_pledge_id)]
    )
    assert paid.exit_code == 0, paid.output
    work()
    (sam,) = everybody(database)
    assert (sam.state, sam.joined_at is not None) == ("active", True)
    with database.reading() as session:
        told = session.scalars(select(OutboxMail.template)).all()
    assert "welcome" not in told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("name", ["Sam", " Sam ", "", " ", "\u200b", "x" * 100, "x" * 101, "a\nb", "a\0b", "=1+1"]),
        ("email", ["a@example.org", "A@EXAMPLE.ORG", "a@b", "a", "a@example.org\n", "=?a?@b.org"]),
        ("phone", ["07700 900123", "+447700900123", "12", "seven", "0" * 50, "07700\t900123"]),
        ("date_of_birth", ["27/3/1985", "1985-03-27", "27.3.85", "1/1/2020", "1/1/1890", "x", ""]),
        ("address1", ["1 High Road", "", "\u2028", "x" * 101]),
        ("town", ["London", "", "\N{RIGHT-TO-LEFT OVERRIDE}L"]),
        ("postcode", ["e111aa", "E11", "ZZ1 1AA", "", "SW1A 1AA"]),
        ("rate", ["standard", "none", ""]),
    ],
)
def test_each_field_is_taken_or_refused_as_the_form_on_the_page_does(
    app: Flask, name: str, values: list[str]
) -> None:
    good = {
        "name": "Sam Jones",
        "email": "sam@example.org",
        "date_of_birth": "27/3/1985",
        "address1": "1 High Road",
        "town": "London",
        "postcode": "E11 1AA",
        "rate": "standard",
    }
    for value in values:
        typed = good | {name: value}
        with app.test_request_context("/join", method="POST", data=MultiDict(typed)):
            by = Reading(room().rules, room().places.spell, START)
            form = JoinForm()
            on_the_page = form.validate_on_submit()
            faults = faults_of(typed, by)
            assert on_the_page == (not faults), (name, value, faults, form.errors)
            assert {each.field for each in faults} <= {name}


def faults_of(typed: dict[str, str], by: Reading) -> tuple[Fault, ...]:
    try:
        fields.read(typed, by)
    except BadEntrant as bad:
        return bad.faults
    return ()


def test_what_was_paid_here_counts_beside_what_was_brought(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    """Paid elsewhere to January; a due in cash today pays for February."""
    words = ("--joined-on", "1/5/2021", "--paid-until", "31/1/2027")
    assert run(app, "add", *SAM, *words).exit_code == 0
    (sam,) = everybody(database)
    for day in ("2026-10-01", "2026-11-22"):  # the first is among what was brought
        money = ("--method", "cash", "--amount", "10", "--received", day)
        paid = app.test_cli_runner().invoke(
            args=["payments", "offline", "add", *money, "--dues", str(sam.dues_pledge_id)]
        )
        assert paid.exit_code == 0, paid.output
    with app.app_context():
        april = dt.datetime(2027, 4, 2, tzinfo=dt.UTC)
        link = dt.timedelta(days=1)
        months = room().rules.months
        (batch,) = recomputing.everybody(months, link=link, now=april, keep=False)
    assert [(each.after, each.why) for each in batch.changes] == [("arrears", "paid up to 2027-02")]
    with database.reading() as session:
        assert session.scalars(select(Likeness.id)).all() == []
        assert session.get_one(Member, sam.id).state == "active"
