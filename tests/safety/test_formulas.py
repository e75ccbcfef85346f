"""No file for a spreadsheet holds a formula: every place that writes CSV, found by walking."""

import csv
import io
import re
import uuid
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.orm import Session

from branches import assigning
from branches.desk.tables import Tables
from branches.directory import BRANCHES, REGIONS
from branches.directory import exporting as directory
from branches.locating import Locating
from branches.models import Branch, Region
from branches.postcodes import PostcodeIndex
from core.protection import Purpose
from core.spreadsheets import as_meant, harmless
from members.desk import exporting as people
from members.desk.filters import Filters
from members.entering import commands as entering
from members.entering.fields import REQUIRED
from members.protection import register
from payments import commands_for_treasurers, exporting, settling, stating
from payments.models import Appeal
from payments.notices import Outcome
from staff import taking
from staff.auditing import Sought
from staff.models import AuditEntry
from staff.principal import Principal, Role
from tests.branches.factories import make_directory, write_index
from tests.fakes import START
from tests.faults.naughty import ALL, LISTED
from tests.house import CODE, calls, files, name_of
from tests.members.standing.books import make_member
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.safety.town import one_region

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BAD = ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "=cmd|' /C calc'!A0", "'=1")
_FORMULA = re.compile(r"[=+\-@\t\r\0]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,()-]*")
_DAY = START.date()


def the_payments(session: Session, text: str) -> str:
    pledge = make_pledge(session)
    pledge.source = text
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    written = io.StringIO()
    exporting.write(session, written, first=_DAY, last=_DAY)
    return written.getvalue()


def the_statement(session: Session, text: str) -> str:
    pledge = make_pledge(session)
    session.get_one(Appeal, pledge.appeal_id).title = text
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    written = io.StringIO()
    with redirect_stdout(written):
        commands_for_treasurers._write(stating.month(session, _DAY.year, _DAY.month))
    return written.getvalue()


def the_register(session: Session, text: str) -> str:
    written = io.StringIO()
    said = dict.fromkeys(
        ("name", "what", "why", "basis", "special", "source", "seen_by", "kept"), text
    )
    register.as_csv(written, [Purpose(**said, tables=())], {})
    return written.getvalue()


def the_directory(session: Session, text: str) -> str:
    region, branch = one_region(session, "A", 0)
    session.get_one(Region, region).name = text
    there = session.get_one(Branch, branch)
    there.name = there.place = there.meets = there.email = text
    there.region.notify_email = text
    session.flush()
    found = directory.files_of(session)
    return "".join(content.decode() for content in found.values())


def the_directory_at_the_desk(session: Session, text: str) -> str:
    the_directory(session, text)
    held = Tables.held(session)
    assert {each["name"] for file in (REGIONS, BRANCHES) for each in held.rows[file]} == {
        as_meant(text)
    }
    return "".join(content.decode() for content in held.files().values())


def the_audit(session: Session, text: str) -> str:
    session.add(AuditEntry(at=START, kind="look", subject_kind=text, subject_id=text, detail=text))
    session.flush()
    written = io.StringIO(newline="")
    beside = Session(session.connection())  # which the rows close, batch by batch
    csv.writer(written).writerows(taking.rows(beside, Sought(), upto=2**31 - 1))
    return written.getvalue()


def a_list_with_branches(_session: Session, text: str) -> str:
    asked, written = io.StringIO(newline=""), io.StringIO(newline="")
    csv.writer(asked).writerows([["postcode", text], ["", text]])
    asked.seek(0)
    with (
        TemporaryDirectory() as folder,
        PostcodeIndex.open(write_index(Path(folder) / "postcodes.gspc")) as index,
    ):
        locating = Locating(make_directory([]), index, 60)
        assigning.assign(asked, written, column="postcode", locating=locating)
    return written.getvalue()


def the_rows_that_were_not_loaded(_session: Session, text: str) -> str:
    """A file of people is given back with the faults of its rows: whoever wrote it wrote them."""
    asked = io.StringIO(newline="")
    csv.writer(asked).writerows([REQUIRED, [text] * len(REQUIRED)])
    with TemporaryDirectory() as folder:
        bad = Path(folder) / "bad-rows.csv"
        entering._write_beside(io.BytesIO(asked.getvalue().encode()), bad, {2: [("name", text)]})
        return bad.read_text(encoding="utf-8")


def the_people(session: Session, text: str) -> str:
    member = make_member(session, name=text)
    member.address1 = member.address2 = member.town = text
    session.flush()
    admin = Principal(uuid.uuid4(), "admin@example.org", Role.ADMIN)
    found = people._batch(session, admin, Filters(), None, START, 10)
    return "".join(people.lines(people._row(each, set()) for each in found))


# Who writes CSV, and what makes it with a text put wherever a text of somebody's can stand. What
# writes one anew fails the test until it stands here.
WRITERS: dict[str, Callable[[Session, str], str]] = {
    "branches/assigning.py": a_list_with_branches,
    "branches/desk/tables.py": the_directory_at_the_desk,
    "branches/directory/exporting.py": the_directory,
    "members/desk/exporting.py": the_people,
    "members/entering/commands.py": the_rows_that_were_not_loaded,
    "members/protection/register.py": the_register,
    "payments/commands_for_treasurers.py": the_statement,
    "payments/desk/books_views.py": the_statement,  # the same rows
    "payments/exporting.py": the_payments,
    "staff/audit_views.py": the_audit,
}


def test_every_place_that_writes_csv_is_known() -> None:
    found = {
        name_of(path)
        for path in files(*CODE)
        for name, _call in calls(path)
        if name in ("csv.writer", "csv.DictWriter")
    }
    assert found == set(WRITERS)


@ON_SQLITE
@pytest.mark.parametrize("where", WRITERS)
def test_no_cell_is_a_formula(session: Session, where: str) -> None:
    """Only a plain number or a telephone number may begin with a sign."""
    for text in BAD:
        made = session.begin_nested()
        written = WRITERS[where](session, text)
        made.rollback()
        cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
        risky = [each for each in cells if _FORMULA.match(each) and not _NUMBER.fullmatch(each)]
        assert risky == []
        assert {text, harmless(text)} & set(cells), (text, cells)


def test_the_mark_is_all_that_is_put_to_a_cell() -> None:
    for text in (*LISTED, *ALL, *BAD):
        marked = str(harmless(text))
        assert not _FORMULA.match(marked)
        assert as_meant(marked) == (text if marked != text else as_meant(text))
    assert (harmless(-5), harmless(None)) == (-5, None)
