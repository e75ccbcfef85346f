"""A file of people: what is refused and how, what is entered, and what the clock makes of it."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from branches.models import Branch
from core.clock import LONDON
from core.database import Database
from core.outbox import OutboxMail
from members.entering.fields import COLUMNS
from members.entering.models import EnteredMember
from members.models import Consent, Likeness, Member, MembershipEvent
from members.standing import recomputing
from members.standing.rules import MonthRules
from payments.models import Pledge
from tests.fakes import START
from tests.members.findable import everybody_is_findable

pytestmark = [pytest.mark.index, pytest.mark.usefixtures("small_directory")]
SAM = {
    "number": "A-17",
    "name": "Sam Jones",
    "email": "sam@example.org",
    "phone": "07700 900123",
    "date_of_birth": "27/3/1985",
    "address1": "1 High Road",
    "town": "London",
    "postcode": "e11 1aa",
    "rate": "standard",
    "joined_on": "1/5/2021",
}
BEA = {
    **SAM,
    "number": "A-18",
    "name": "Bea Okafor",
    "email": "bea@example.org",
    "phone": "07700 900124",
    "date_of_birth": "1990-02-03",
}


def run(app: Flask, *words: str | Path, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["members", *map(str, words)], input=typed)


def sheet(path: Path, *people: dict[str, str], delimiter: str = ",", mark: str = "") -> Path:
    """Write a file of people with all columns, in an order that is not the documented one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(mark)
        columns = [*sorted(COLUMNS), *(set().union(*people) - set(COLUMNS))]
        writer = csv.DictWriter(file, columns, delimiter=delimiter)
        writer.writerow({name: name.title() for name in columns})
        writer.writerows(people)
    return path


def everybody(database: Database) -> list[Member]:
    with database.reading() as session:
        return list(session.scalars(select(Member).order_by(Member.name)))


def test_people_are_entered_with_all_that_was_known_of_them_and_nobody_is_written_to(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    ticked = {"consent_email": "yes", "consent_text": "no", "consent_on": "1/5/2021"}
    sam = SAM | ticked | {"consent_wording": "Keep me posted", "kept_at": "Box 3"}
    left = BEA | {"state": "left", "ended_on": "2024-06-30", "email": "", "pays_by": "Cash"}
    path = sheet(tmp_path / "people.csv", sam, left, delimiter=";", mark="\N{BOM}")

    done = run(app, "import", path)

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("2 entered, 0 known already, 0 pairs alike")
    bea, sam_jones = everybody(database)
    with database.reading() as session:
        assert (sam_jones.state, sam_jones.phone, sam_jones.postcode) == (
            *("active", "+447700900123", "E11 1AA"),
        )
        assert sam_jones.branch_id == session.scalars(select(Branch.id)).one()
        assert sam_jones.joined_at == dt.datetime(2021, 5, 1, 12, tzinfo=LONDON)
        assert (bea.state, bea.email, bea.email_key[:6]) == ("left", "", "paper:")
        of_bea = select(MembershipEvent).where(MembershipEvent.member_id == bea.id)
        steps = [
            (each.from_state, each.to_state, each.at.date(), each.who)
            for each in session.scalars(of_bea.order_by(MembershipEvent.id))
        ]
        assert steps == [
            (None, "applied", dt.date(2021, 5, 1), "office"),
            ("applied", "active", dt.date(2021, 5, 1), "office"),
            ("active", "left", dt.date(2024, 6, 30), "office"),
        ]
        said = session.scalars(select(Consent).order_by(Consent.id)).all()
        assert [(each.channel, each.given, each.wording, each.source) for each in said] == [
            ("email", True, "Keep me posted", "file"),
            ("text", False, "Keep me posted", "file"),
        ]
        entered = session.scalars(select(EnteredMember).order_by(EnteredMember.number)).all()
        assert [(each.number, each.pays_by, each.kept_at) for each in entered] == [
            ("A-17", "none", "Box 3"),
            ("A-18", "cash", ""),
        ]
        assert session.get_one(Pledge, bea.dues_pledge_id).stopped_at is not None
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0
    assert everybody_is_findable(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_fault_is_told_by_line_and_column_and_nobody_is_entered(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path / "people.csv",
        SAM | {"address1": "Flat 1\nHigh Road"},
        BEA | {"postcode": "E11", "date_of_birth": "30/2/1990", "phone": "12"},
        BEA | {"rate": "own-amount", "amount": "0.10", "state": "lapsed", "email": "bea"},
        BEA | {"name": "=cmd()", "consent_email": "perhaps", "joined_on": "1/1/2100"},
        SAM | {"number": "A-19", "email": "SAM@Example.org", "name": "S. Jones"},
    )

    refused = run(app, "import", path)

    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        f"{path}:2:address1: holds characters that cannot be shown",
        f"{path}:4:date_of_birth: is not a day, such as 27/3/1985 or 1985-03-27",
        f"{path}:4:phone: is not a telephone number such as 07700 900123",
        f"{path}:4:postcode: is not a whole postcode such as E11 1AA",
        f"{path}:5:amount: is below £2, the lowest rate",
        f"{path}:5:ended_on: is missing",
        f"{path}:5:email: is not an e-mail address such as name@example.org",
        f"{path}:6:joined_on: is still to come",
        f"{path}:6:consent_email: must be one of: yes, no",
    ]
    assert refused.stdout == "Nobody was entered. Good rows: 1.\n"
    assert everybody(database) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "1: there is nothing in it: the first line names the columns"),
        (b"\xef\xbb\xbf", "1: there is nothing in it: the first line names the columns"),
        (b"HEAD", "1: there is nobody in it below the first line"),
        (b"HEADx\n", "1:ratex: is not a column of such a file"),
        (b"HEAD,town\n", "1:town: the column stands there twice"),
        (b"name,rate\n", "1:postcode: the column is missing"),
        (b"HEAD\nS\xe9an\n", "2: is not UTF-8 (Windows-1252, perhaps): save it as CSV UTF-8"),
        (b"HEAD\nS\xed\xa0\x80\n", "2: is not UTF-8 (Windows-1252, perhaps): save it as CSV UTF-8"),
        (b"\xff\xfeN\0", "1: is in UTF-16: save it as CSV UTF-8"),
        (b"PK\x03\x04", "1: is a workbook: save it as CSV UTF-8"),
        (b"HEAD\nSam\n", "2: has another number of cells than the first line"),
        (
            b'HEAD\n"Sam',
            "2: is not CSV: look for a quotation mark that is not closed, or not doubled",
        ),
        (
            b"HEAD\n" + b"x" * 10_000_000,
            "2: is longer than 131,072 bytes, and no line of such a table",
        ),
        (b'HEAD\n"' + b"x\n" * 100_000, "2: a cell is longer than 131,072 characters"),
        (b"a," * 1_000_000, "1: is longer than 131,072 bytes, and no line of such a table"),
        (b"a," * 65_000, "1:a: is not a column of such a file"),
        (
            b"HEAD\nS\0m,1/1/1990,a,t,E11 1AA,standard\n",
            "2:name: holds characters that cannot be shown",
        ),
    ],
    ids=lambda each: str(each)[:24],
)
def test_whatever_the_file_is_words_say_so(
    app: Flask, database: Database, tmp_path: Path, content: bytes, words: str
) -> None:
    head = b"name,date_of_birth,address1,town,postcode,rate"
    path = tmp_path / "people.csv"
    path.write_bytes(content.replace(b"HEAD", head))

    refused = run(app, "import", path)

    assert (refused.exit_code, type(refused.exception)) == (1, SystemExit)
    assert f"{path}:{words}" in refused.stderr.splitlines()
    assert everybody(database) == []


def test_good_rows_are_entered_when_asked_by_name_and_the_others_can_be_mended(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    formula = {**BEA, "postcode": "E11", "address1": "=1+1"}
    path = sheet(tmp_path / "people.csv", SAM, formula)

    done = run(app, "import", path, "--good-rows")

    beside = tmp_path / "people.bad-rows.csv"
    assert (done.exit_code, len(everybody(database))) == (0, 1)
    assert f"What was not loaded is in {beside}, with why." in done.stdout
    with beside.open(encoding="utf-8") as file:
        (bad,) = csv.DictReader(file)
    assert bad["why"] == "postcode: is not a whole postcode such as E11 1AA"
    assert (bad["Address1"], bad["Phone"]) == ("'=1+1", "07700 900124")
    assert run(app, "import", path, "--good-rows").exit_code == 1  # what is beside stays
    mended = tmp_path / "mended.csv"
    text = beside.read_text(encoding="utf-8")
    mended.write_text(text.replace("E11,", "E11 1AA,"), encoding="utf-8")
    assert run(app, "import", mended).exit_code == 0
    assert [each.address1 for each in everybody(database)] == ["'=1+1", "1 High Road"]


def test_the_same_file_twice_adds_nobody_and_says_who_is_there(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    no_number = {"number": "", "email": "", "phone": ""}
    path = sheet(
        tmp_path / "people.csv", SAM, BEA | no_number, BEA | {"name": "Bea O."} | no_number
    )
    assert run(app, "import", path).exit_code == 0
    before = everybody(database)

    again = run(app, "import", path)
    passed_over = run(app, "import", path, "--skip-known")

    assert len(before) == 3
    assert [each.id for each in everybody(database)] == [each.id for each in before]
    assert again.exit_code == 1
    sam = before[2]
    by = "is a member already, by"
    assert f"{path}:2:number: {by} number: {sam.id}" in again.stderr.splitlines()
    assert f"{path}:3:name: {by} name, postcode and date of birth: {before[1].id}" in again.stderr
    assert passed_over.stdout.startswith("0 entered, 3 known already")
    twice = sheet(tmp_path / "twice.csv", *([BEA | {"number": ""}] * 2))
    told = run(app, "import", twice)
    assert f"{twice}:3:email: is on line 2 already, by e-mail address" in told.stderr


def test_a_couple_and_a_namesake_are_entered_and_kept_for_an_organiser(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    partner = SAM | {"number": "", "name": "Alex Jones", "date_of_birth": "1/1/1984"}
    son = SAM | {"number": "", "email": "", "phone": "", "date_of_birth": "1/1/2006"}
    assert run(app, "import", sheet(tmp_path / "sam.csv", SAM)).exit_code == 0

    done = run(app, "import", sheet(tmp_path / "others.csv", partner, son))

    assert done.stdout.startswith("2 entered, 0 known already, 3 pairs alike")
    with database.reading() as session:
        kinds = session.scalars(select(Likeness.why).order_by(Likeness.why)).all()
    assert kinds == ["email", "name-postcode", "phone"]


def test_nobody_lapses_for_having_moved_house(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    """START lies in November 2026; the shipped rules lapse who is more than three months behind."""
    behind = {"state": "arrears", "paid_until": "2026-07-31"}
    path = sheet(
        tmp_path / "people.csv",
        SAM,
        BEA | behind,
        BEA
        | {"number": "A-1", "email": "c@example.org", "phone": "", "name": "Cy Ahmed"}
        | {"date_of_birth": "1/1/1970", "paid_until": "2027-06-30"},
    )
    assert run(app, "import", path).exit_code == 0

    def stand(now: dt.datetime) -> tuple[int, list[str]]:
        letters = 0
        with app.app_context():
            link = dt.timedelta(days=1)
            for batch in recomputing.everybody(MonthRules(1, 3), link=link, now=now, keep=True):
                letters += batch.letters
        return letters, [each.state for each in everybody(database)]

    assert stand(START) == (0, ["arrears", "active", "active"])
    february = dt.datetime(2027, 2, 28, tzinfo=dt.UTC)
    assert stand(february) == (0, ["arrears", "active", "active"])  # spared until March
    # Bea's arrears are older than our books, and nobody asked for letters; Sam's are not.
    march = dt.datetime(2027, 3, 2, tzinfo=dt.UTC)
    assert stand(march) == (1, ["lapsed", "active", "lapsed"])
