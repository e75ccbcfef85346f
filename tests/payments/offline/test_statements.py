"""The files of the usual banks are read by their headers; what cannot be read is told in words."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payments.offline import amounts, decoding, statements
from payments.offline.amounts import NotACell
from payments.offline.statements import BadFile, StatementLine
from tests.payments.offline.banks import BANKS, NATIONWIDE
from tests.payments.offline.kit import HEADER, TODAY, bank_file


def read(text: str) -> list[StatementLine]:
    return statements.read(text, today=TODAY)


def faults_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadFile) as found:
        read(text)
    return [(fault.line, fault.why) for fault in found.value.faults]


@pytest.mark.parametrize("bank", sorted(BANKS))
def test_the_statements_of_the_usual_banks_are_read(bank: str) -> None:
    lines = read(BANKS[bank])
    told = [(line.on_day.day, line.pence, line.folded.replace(" ,", "")) for line in lines]
    assert [(day, pence) for day, pence, _text in told] == [(20, 1000), (19, -850)]
    assert told[0][2].startswith("s jones")
    assert "fighting fund" in told[0][2]
    assert told[1][2].startswith("commission")
    assert all(line.on_day.year == 2026 and line.on_day.month == 11 for line in lines)


@pytest.mark.parametrize(
    "coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_files_of_every_usual_encoding_say_the_same(coding: str, ends: str) -> None:
    text = NATIONWIDE.replace("S JONES", "SIÂN £ JONES").replace("\n", ends)
    (first, _second) = read(decoding.text_of(text.encode(coding)))
    assert (first.pence, first.text) == (1000, "SIÂN £ JONES FIGHTING FUND")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b" \r\n\x00\x00", "empty"),
        (b"PK\x03\x04 a workbook", "workbook"),
        (b"\xd0\xcf\x11\xe0 an older one", "workbook"),
        (b"%PDF-1.7", "pdf"),
        (b"Date,Description\x81", "encoding"),
        ("Date,Siân,".encode() + "Siân".encode("cp1252"), "encoding"),
        ("Date,Siân".encode()[:-2] + b"," + "é".encode(), "encoding"),
        (b"\xff\xfeD\x00a\x00\x00\xd8", "encoding"),
        (b"\xed\xa0\x80Date", "encoding"),
        (b"x" * (decoding.MOST_BYTES + 1), "too-big"),
    ],
)
def test_what_is_no_text_is_told_in_words(raw: bytes, why: str) -> None:
    with pytest.raises(decoding.Unreadable) as found:
        decoding.text_of(raw)
    assert found.value.why == why


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("31/11/2026,FPI,a,b,1.00,1.00", "not-a-day"),
        ("11/20/2026,FPI,a,b,1.00,1.00", "not-a-day"),
        (",FPI,a,b,1.00,1.00", "not-a-day"),
        ("23/11/2026,FPI,a,b,1.00,1.00", "in-the-future"),
        ("20/11/1999,FPI,a,b,1.00,1.00", "too-long-ago"),
        ("20/11/2026,FPI,a,b,one,1.00", "not-an-amount"),
        ("20/11/2026,FPI,a,b,=1+1,1.00", "not-an-amount"),
        ("20/11/2026,FPI,a,b,\u0661\u0660,1.00", "not-an-amount"),
        ("20/11/2026,FPI,a,b,1e3,1.00", "not-an-amount"),
        ("20/11/2026,FPI,a,b,1.005,1.00", "not-an-amount"),
        ("20/11/2026,FPI,a,b,99999999.00,1.00", "too-much"),
        ("20/11/2026,FPI,a,b,,1.00", "no-amount"),
        ("20/11/2026,FPI,a,b,1.00,x", "not-an-amount"),
        ("20/11/2026,FPI,a,b,1.00", "too-few"),
        ("20/11/2026,FPI,a,b,1.00,1.00,,x", "too-many"),
        ("20/11/2026,FPI,a\x00,b,1.00,1.00", "unshowable"),
        ("20/11/2026,FPI,a\x1b[2J,b,1.00,1.00", "unshowable"),
        ("20/11/2026,FPI," + "a" * 501 + ",b,1.00,1.00", "too-long"),
        ("20/11/2026,FPI," + "a" * 10_000_000 + ",b,1.00,1.00", "too-long"),
        ('20/11/2026,FPI,"a,b,1.00,1.00', "quotes"),
        ('20/11/2026,FPI,"a"b,b,1.00,1.00', "quotes"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number(row: str, why: str) -> None:
    good = "20/11/2026,FPI,a,b,1.00,1.00"
    assert faults_of(bank_file(good, row)) == [(3, why)]


def test_every_bad_line_is_told_and_no_line_is_taken() -> None:
    rows = ["20/11/2026,FPI,a,b,1.00,1.00", "x,FPI,a,b,1.00,1.00", "20/11/2026,FPI,a,b,y,1.00"]
    assert faults_of(bank_file(*rows)) == [(3, "not-a-day"), (4, "not-an-amount")]
    assert len(faults_of(bank_file(*["x"] * 10_000))) == 50


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello\nworld\n", "no-header"),
        ("Date,Amount\n20/11/2026,1.00\n", "no-header"),
        ("20/11/2026,S JONES,1.00\n", "no-header"),
        (HEADER + "\n", "no-lines"),
        (
            "Date,Description,Amount,Account\n20/11/2026,a,1,x\n20/11/2026,a,1,y\n",
            "several-accounts",
        ),
        ("Date,Description,Amount,Currency\n20/11/2026,a,1,EUR\n", "currency"),
        ("Date,Description,Money in,Money out\n20/11/2026,a,1,1\n", "in-and-out"),
    ],
)
def test_a_file_that_is_no_statement_of_one_account_is_told(text: str, why: str) -> None:
    assert why in [found for _line, found in faults_of(text)]


def test_texts_are_kept_whatever_they_hold() -> None:
    (line,) = read(
        bank_file('20/11/2026,FPI,"=HYPERLINK(1)\n\u0633\u0644\u0627\u0645",@SUM(1),1.00,')
    )
    assert (line.text, line.reference) == ("=HYPERLINK(1) \u0633\u0644\u0627\u0645", "@SUM(1)")
    assert (
        line.raw == "20/11/2026 | FPI | =HYPERLINK(1) \u0633\u0644\u0627\u0645 | @SUM(1) | 1.00 | "
    )


def test_a_balance_brought_forward_is_no_line_of_money() -> None:
    rows = ["20/11/2026,,BALANCE BROUGHT FORWARD,,,100.00", "20/11/2026,FPI,a,b,1.00,101.00"]
    assert [line.pence for line in read(bank_file(*rows))] == [100]


@pytest.mark.parametrize(
    ("cell", "pence"),
    [
        ("", None),
        ("-", "not-an-amount"),
        ("1,234.50", 123_450),
        ("£-12.00", -1200),
        ("-£12", -1200),
        ("(12.00)", -1200),
        ("12.00 DR", -1200),
        ("12.00CR", 1200),
        ("12.00-", -1200),
        ("+3", 300),
        ("££3", "not-an-amount"),
        ("£-£3", "not-an-amount"),
    ],
)
def test_amounts_are_read_as_banks_write_them(cell: str, pence: int | str | None) -> None:
    try:
        found: int | str | None = amounts.pence(cell)
    except NotACell as error:
        found = error.why
    assert found == pence


@pytest.mark.parametrize(
    "cell",
    [
        "3/9/2026",
        "03/09/26",
        "2026-09-03",
        "2026-09-03T10:11:12Z",
        "3 Sept 2026",
        "03-SEP-26",
        "3 September 2026",
        "03.09.2026 10:11",
        "2026/09/03",
    ],
)
def test_days_are_read_as_banks_write_them(cell: str) -> None:
    assert amounts.day(cell) == dt.date(2026, 9, 3)


@given(st.text(max_size=300), st.binary(max_size=300))
@example("", b"\xfe\xff")  # a mark of the encoding, and nothing behind it
def test_whatever_a_file_holds_it_is_read_or_refused(text: str, raw: bytes) -> None:
    for each in (text, f"{HEADER}\n{text}\n"):
        with suppress(BadFile):
            assert read(each)
    with suppress(decoding.Unreadable):
        assert decoding.text_of(raw)
