"""`flask payments offline …` at a terminal: what it says, and what it refuses in words."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import Database
from payments.models import BankLine, OfflineEntry, Payment, Pledge
from tests.databases import ON_ONE
from tests.payments import test_commands as payments_commands
from tests.payments.offline.kit import bank_file, raised, run

pytestmark = ON_ONE

GIFT = ("add", "--amount", "25", "--received", "2026-11-20", "--appeal", "fighting-fund")
SAM = "20/11/2026,FPI,S JONES,FIGHTING FUND,10.00,120.00"


def total(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        return raised(session, "fighting-fund")


def write(folder: Path, text: str | bytes) -> str:
    path = folder / "statement.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def id_in(said: str) -> str:
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", said)
    assert found, said
    return found[0]


def test_a_gift_is_entered_listed_explained_and_undone(app: Flask, database: Database) -> None:
    code, said = run(app, *GIFT, "--method", "cheque", "--reference", "000117")
    assert (code, "entered £25 as payment" in said, "did not know" in said) == (0, True, True)
    payment = id_in(said)
    assert run(app, "list", "--method", "cheque")[1].split() == [
        *("2026-11-20", "£25", "cheque", "Fighting", "Fund", "000117"),
        payment,
    ]
    assert total(database) == (2500, 1)
    assert run(app, *GIFT, "--method", "cheque", "--reference", "000117") == (
        1,
        f"this looks like entry {payment}; say --again if it is another one\n",
    )
    assert run(app, *GIFT, "--method", "cheque", "--reference", "000117", "--again")[0] == 0
    assert run(app, "undo", payment, "--bounced") == (0, f"£25 is undone (payment {payment}).\n")
    assert run(app, "undo", payment, "--why", "x")[1] == (
        "It was undone before; nothing has changed.\n"
    )
    assert total(database) == (2500, 1)
    assert "undone: the cheque bounced" in run(app, "list", "--undone")[1]
    assert len(run(app, "list", "--standing")[1].splitlines()) == 1
    assert run(app, "list", "--appeal", "none")[1] == "There is none.\n"
    assert "It was undone" in payments_commands.run(app, "explain", payment)[1]
    month = payments_commands.run(app, "statement", "2026-11")[1]
    assert "Received past Stripe" in month
    assert "Fighting Fund by cheque, undone" in month
    assert (
        "offline,Fighting Fund,cheque,2,5000"
        in payments_commands.run(app, "statement", "2026-11", "--csv")[1]
    )
    refused = payments_commands.run(app, "refund", payment, "--why", "x")[1]
    assert f"flask payments offline undo {payment}" in refused
    assert payments_commands.run(app, "check") == (0, "The books agree.\n")


def test_a_giver_is_asked_for_and_stands_in_no_command(app: Flask, database: Database) -> None:
    typed = "Sam Jones\nsam@example.org\nE11 1AA\n\n"
    assert run(app, *GIFT, "--method", "cash", "--ask", typed=typed)[0] == 0
    with database.reading() as session:
        pledge = session.scalars(select(Pledge)).one()
    assert (pledge.name, pledge.email, pledge.postcode) == (
        "Sam Jones",
        "sam@example.org",
        "E11 1AA",
    )


def test_a_file_of_gifts_is_entered_whole(app: Flask, database: Database) -> None:
    sheet = "amount,name,postcode\n5,Sam Jones,e111aa\n5,,\n5,,\n7.50,Sam Jones,E11 1AA\n"
    usual = ("--method", "cash", "--received", "20/11/2026", "--appeal", "fighting-fund")
    code, said = run(app, "add", "--from", "-", *usual, typed="\ufeff" + sheet)
    assert (code, said.count("entered")) == (0, 4)
    assert total(database) == (2250, 3)
    code, said = run(app, "add", "--from", "-", *usual, typed=sheet)
    assert (code, [line[:7] for line in said.splitlines()]) == (
        1,
        ["line 2:", "line 3:", "line 4:", "line 5:"],
    )
    assert total(database) == (2250, 3)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("amount,colour\n5,red\n", "line 1: colour is no column"),
        ("amount,amount\n5,5\n", "line 1: a column is named twice"),
        ("amount,name\n5\n", "line 2: has fewer cells"),
        ("amount,name\n5,a,b\n", "line 2: has more cells"),
        ("amount,name\n-5,a\n", "line 2: amount must not be below nothing"),
        ('amount,name\n5,"a\n', "line 2: has quotation marks"),
        ("amount,name\n5,a\x00b\n", "line 2: name holds characters"),
        ("amount,appeal\n5,no-such\n", "line 2: appeal is none that we have"),
        ("amount,dues\n5,nobody@example.org\n", "line 2: appeal and dues exclude"),
        ("amount\n" + "9" * 200_000 + "\n", "line 2: has a cell that is far too long"),
        ("amount\n", "there is no line with a gift in it"),
        ("", "The file is empty."),
    ],
)
def test_a_bad_file_of_gifts_is_refused_by_line(
    app: Flask, database: Database, sheet: str, said: str
) -> None:
    usual = ("--method", "cash", "--received", "2026-11-20", "--appeal", "fighting-fund")
    code, output = run(app, "add", "--from", "-", *usual, typed=sheet)
    assert (code, output.startswith(said)) == (1, True), output
    assert total(database) == (0, 0)


def test_the_banks_file_is_tried_imported_reviewed_and_decided_on(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, bank_file(SAM, "20/11/2026,FPI,\u202eKHAN,,5.00,125.00"))
    code, said = run(app, "import", path, "--dry-run")
    assert (code, said.startswith("Nothing was changed."), "2 new lines" in said) == (0, True, True)
    assert run(app, "review") == (0, "No line waits.\n")
    assert "2 new lines" in run(app, "import", path)[1]
    assert "2 known already" in run(app, "import", path)[1]
    said = run(app, "review")[1]
    assert "it names an appeal: --appeal fighting-fund" in said
    assert "\\u202eKHAN" in said
    first, second = re.findall(r"(?m)^ +(\d+)  2026", said)
    code, said = run(
        app, "match", first, "--appeal", "fighting-fund", "--ask", typed="Sam Jones\n\n\n"
    )
    assert (code, "booked by themselves" in said) == (0, True)
    payment = id_in(said)
    assert "S JONES" in run(app, "rules")[1].upper()
    assert "£10 is booked" not in said
    assert run(app, "match", first, "--like", payment)[0] == 1
    assert run(app, "match", second, "--like", payment, "--once")[0] == 0
    assert total(database) == (1500, 1)
    assert run(app, "unmatch", second, "--why", "somebody else")[0] == 0
    assert run(app, "not-a-gift", second, "--why", "rent")[0] == 0
    assert run(app, "rules", "--forget", "1")[0] == 0
    assert run(app, "rules", "--forget", "1")[0] == 1
    assert run(app, "rules") == (0, "Nothing was learned yet.\n")
    assert total(database) == (1000, 1)
    assert payments_commands.run(app, "check") == (0, "The books agree.\n")


def test_money_that_went_back_is_undone_with_the_line_that_took_it(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    back = "21/11/2026,RTN,S JONES,FIGHTING FUND,-10.00,110.00"
    run(app, "import", write(tmp_path, bank_file(SAM, back)))
    with database.reading() as session:
        came, went = session.scalars(select(BankLine.id).order_by(BankLine.id))
    payment = id_in(run(app, "match", str(came), "--appeal", "fighting-fund")[1])
    suggested = f"flask payments offline undo {payment} --line {went} --why"
    assert suggested in run(app, "review")[1]
    assert run(app, "undo", payment, "--why", "x", "--line", "999")[0] == 1
    assert run(app, "undo", payment, "--why", "x", "--line", str(came))[0] == 1
    assert run(app, "undo", payment, "--why", "recalled", "--line", str(went))[0] == 0
    assert total(database) == (0, 0)
    assert f"line {went} of the bank" in payments_commands.run(app, "explain", payment)[1]
    assert payments_commands.run(app, "check") == (0, "The books agree.\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"PK\x03\x04", "This is a workbook"),
        ("Date,Siân".encode() + b"\xe9", "The letters of this file cannot be read"),
        (
            "Date,Description,Amount\n20/11/2026,a,ten\n20/13/2026,a,1\n",
            "line 2: the amount is not",
        ),
        ("a,b\n", "line 1: no line names the columns"),
        ("Date,Description,Amount\n20/11/2026,a\x00,1\n", "line 2: holds characters"),
    ],
)
def test_a_bad_file_of_the_bank_is_refused_and_nothing_applied(
    app: Flask, database: Database, tmp_path: Path, text: str | bytes, said: str
) -> None:
    code, output = run(app, "import", write(tmp_path, text))
    assert (code, output.startswith(said)) == (1, True), output
    with database.reading() as session:
        assert session.scalars(select(BankLine)).all() == []


@pytest.mark.parametrize(
    "words",
    [
        ("undo", "nothing", "--why", "x"),
        ("undo", "\udcff", "--why", "x"),
        ("undo", "nothing", "--why", "x\x00"),
        ("match", "1", "--appeal", "fighting-fund"),
        ("match", "1", "--appeal", "no-such"),
        ("match", "1", "--like", "nothing"),
        ("match", "1", "--dues", "nobody@example.org"),
        ("match", "1", "--appeal", "fighting-fund", "--name", "\x00"),
        ("unmatch", "1", "--why", "x"),
        ("not-a-gift", "1", "--why", "x"),
        ("add",),
        ("add", "--amount", "\udcff", "--name", "\udcff", "--method", "\udcff"),
        ("add", "--method", "cash", "--amount", "5", "--received", "2026-11-20", "--dues", "x"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(app: Flask, words: tuple[str, ...]) -> None:
    code, said = run(app, *words)
    assert (code, said.endswith("\n"), "Traceback" in said) == (1, True, False)


@pytest.mark.parametrize(
    "words",
    [
        ("undo", "x"),
        ("undo", "x", "--why", " "),
        ("match", "one"),
        ("match", "1", "--appeal", "a", "--dues", "b"),
        ("import", "/no/such/file"),
        ("import", "-", "--account", " "),
        ("add", "--from", "-", "--ask"),
        ("list", "--method", "card"),
        ("review", "--most", "0"),
        ("nothing",),
    ],
)
def test_wrong_usage_is_told_apart(app: Flask, words: tuple[str, ...]) -> None:
    assert run(app, *words, typed="Date,Description,Amount\n")[0] == 2


@pytest.mark.parametrize(
    "command",
    ["add", "undo", "list", "import", "review", "match", "not-a-gift", "unmatch", "rules"],
)
def test_every_command_has_its_help(app: Flask, command: str) -> None:
    code, said = run(app, command, "--help")
    assert (code, "Usage:" in said, "\\b" in said) == (0, True, False)


def test_an_entry_that_is_lost_or_strange_is_a_fault_of_the_books(
    app: Flask, database: Database
) -> None:
    payment = id_in(run(app, *GIFT, "--method", "cash")[1])
    with database.transaction() as session:
        session.delete(session.scalars(select(OfflineEntry)).one())
    code, said = payments_commands.run(app, "check")
    assert (code, said) == (
        1,
        f"a payment that came past Stripe was entered, and no other: not so for {payment}\n",
    )
    with database.transaction() as session:
        session.scalars(select(Payment)).one().method = "bank"
    assert "held by the bank or the cash box" in payments_commands.run(app, "check")[1]
