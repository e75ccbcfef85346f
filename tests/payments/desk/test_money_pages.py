"""The money desk: finding, the bank's file, what came past Stripe, checks, and the month."""

import datetime as dt
import io
import re
import uuid

import pytest
import sqlalchemy as sa

from payments import explaining
from payments.law import deciding
from payments.models import Appeal, BankLine, OfflineEntry, Payout
from payments.offline import hand
from tests.fakes import START
from tests.members.conftest import csrf_in, token_in
from tests.payments.desk.conftest import TONI, paid, pledge_of, treasurer, words_of
from tests.payments.factories import make_rules
from tests.payments.offline.kit import bank_file, draft, take
from tests.staff.conftest import Desk, Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LINES = (
    "20/11/2026,FPI,A JONES GIFT,,10.00,1010.00",
    "20/11/2026,FPI,HALL HIRE REFUND,,8.00,1018.00",
)


def upload(who: Person, text: str | bytes, account: str = "current") -> tuple[int, str]:
    raw = text.encode() if isinstance(text, str) else text
    csrf = csrf_in(who.client.get("/desk/money/bank").text)
    file = (io.BytesIO(raw), "november.csv")
    data = {"csrf_token": csrf, "account": account, "file": file}
    answer = who.client.post("/desk/money/bank", data=data)
    return answer.status_code, words_of(answer.text)


def count(desk: Desk, model: type) -> int:
    with desk.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_payment_is_found_by_whatever_is_known_of_it(desk: Desk, terry: Person) -> None:
    payment_id, other = paid(desk), paid(desk, 700, name="Ann O'Neill", email_key="ann@x")
    pledge_id = pledge_of(desk, payment_id)
    for words, found in {
        "SAM@example.org": "£25",
        "jones SAM": "£25",
        "£25": "£25",
        "25.00": "£25",
        str(pledge_id)[:8].upper(): "",
        f"pi_{pledge_id.hex}": "",
        str(payment_id): "",
        "o'neill": "£7",
        "22/11/2026": "£25 £7",
    }.items():
        answer = terry.press("/desk/money", q=words)
        rows = re.findall(r'class="sum">([^<]+)<', answer.text)
        assert sorted(rows) == sorted(found.split()), words
        assert answer.location in (None, f"/desk/money/payments/{payment_id}")
    for words in ("%", "_", "nobody", "a@b", "\x00", "£99999999999", "2026-02-30", "x" * 5000):
        assert "Nothing was found" in terry.press("/desk/money", q=words).text, words[:10]
    assert terry.press("/desk/money", q="").location == "/desk/money"
    of_one = terry.client.get(f"/desk/money?of={other}").text
    assert re.findall(r'class="sum">([^<]+)<', of_one) == ["£7"]
    for query in ("kind=x", "state=x", "of=x", "before=x", "before=9-" + "0" * 32 + "x"):
        assert terry.client.get(f"/desk/money?{query}").status_code == 404
    assert {("search", "payments:name"), ("look", "payments")} <= set(desk.audit())


def test_a_file_of_the_bank_is_loaded_whole_or_not_at_all(desk: Desk, terry: Person) -> None:
    faulty = bank_file(*LINES, "31/02/2026,FPI,NOBODY,,5.00,1.00", "x,FPI,NOBODY,,five,1.00")
    for raw, said in (
        (faulty, "Line 4: the date is none"),
        (b"", "Choose the bank&#39;s file."),
        (b"PK\x03\x04 a workbook", "This is a workbook, not CSV"),
        ("no,columns\n1,2\n", "no line names the columns"),
    ):
        status, page = upload(terry, raw)
        assert (status, said in page) == (422, True), said
    huge = terry.client.post(
        "/desk/money/bank", data=b"x" * 1_100_000, content_type="multipart/form-data; boundary=x"
    )
    assert huge.status_code == 413
    assert upload(terry, bank_file(*LINES), account=" ")[0] == 422
    assert count(desk, BankLine) == 0
    status, page = upload(terry, bank_file(*LINES))
    assert (status, "2 new lines." in page, "2 wait for you" in page) == (200, True, True)
    assert "0 new lines. 2 were known already" in upload(terry, bank_file(*LINES))[1]


def test_each_line_is_matched_put_aside_and_taken_back(desk: Desk, terry: Person) -> None:
    upload(terry, bank_file(*LINES))
    gift = {"appeal": "fighting-fund", "name": "Ann Jones", "postcode": "E11 1AA"}
    nothing = terry.press("/desk/money/bank/1/match")
    assert (nothing.status_code, "Say what it is for" in nothing.text) == (422, True)
    bad = terry.press("/desk/money/bank/1/match", **{**gift, "email": "x", "postcode": "nowhere"})
    assert bad.status_code == 422
    assert 'value="nowhere"' in bad.text
    assert "is not an e-mail address" in bad.text
    for _press in range(2):
        assert terry.press("/desk/money/bank/1/match", **gift).location == "/desk/money/bank/1"
    assert count(desk, OfflineEntry) == 1
    late = terry.press("/desk/money/bank/1/not-ours", why="rent")
    assert (late.status_code, "It is booked already." in late.text) == (409, True)
    for _press in range(2):
        assert terry.press("/desk/money/bank/2/not-ours", why="rent").status_code == 303
    assert "No line waits" in words_of(terry.client.get("/desk/money/bank").text)
    blind = terry.press("/desk/money/bank/1/undo", why="slip")
    assert (blind.status_code, "decided on anew since" in blind.text) == (409, True)
    shown = re.search(r'name="seen" value="(\d+)"', terry.client.get("/desk/money/bank/1").text)
    assert shown
    for _press in range(2):
        answer = terry.press("/desk/money/bank/1/undo", why="slip", seen=shown[1])
        assert answer.status_code == 303
    assert "A JONES GIFT" in terry.client.get("/desk/money/bank").text
    assert terry.press("/desk/money/bank/77/match", **gift).status_code == 404
    assert terry.client.get("/desk/money/bank/99999999999999").status_code == 404


def test_what_looks_like_one_entered_is_asked_about_each_time(desk: Desk, terry: Person) -> None:
    form = {
        "method": "cash",
        "amount": "5",
        "received": "20/11/2026",
        "appeal": "fighting-fund",
        "display": "anonymous",
    }
    wrong = terry.press("/desk/money/offline/new", **{**form, "amount": "five", "received": ""})
    assert wrong.status_code == 422
    assert "Amount is not an amount in pounds" in wrong.text
    assert "Received on is missing." in wrong.text
    first = terry.press("/desk/money/offline/new", **form)
    assert first.status_code == 303
    asked = terry.press("/desk/money/offline/new", **form)
    assert (asked.status_code, first.location in asked.text) == (422, True)
    meant = {**form, "again": "y", "alike": "1"}
    assert terry.press("/desk/money/offline/new", **meant).status_code == 303
    assert terry.press("/desk/money/offline/new", **meant).status_code == 422  # a second press
    assert count(desk, OfflineEntry) == 2
    undo, token = f"{first.location}/undo", token_in(terry.client.get(str(first.location)).text)
    assert terry.press(undo, token=token, why="").status_code == 422
    assert terry.press(undo, why="bounced").status_code == 422
    for _press in range(2):
        assert terry.press(undo, token=token, why="bounced").status_code == 303
    gift = f"/desk/money/payments/{paid(desk)}"
    token = token_in(terry.client.get(gift).text)
    assert terry.press(f"{gift}/undo", token=token, why="x").status_code == 404


def test_of_two_who_decide_on_a_check_the_second_is_told(desk: Desk, terry: Person) -> None:
    payment_id, toni = paid(desk, 60_000), treasurer(desk, TONI)
    page = terry.client.get("/desk/money/checks").text
    assert "29 days left" in words_of(page)
    assert "a person: Samuel Jones" in words_of(page)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    address, why = f"/desk/money/checks/{payment_id}", "on the register of Leyton"
    assert terry.press(address, seen=seen[1]).status_code == 422
    kept = {"decision": "accept", "why": why, "seen": seen[1]}
    for _press in range(2):
        assert terry.press(address, **kept).status_code == 303
    told = toni.press(address, decision="return", why="no such person", seen=seen[1])
    assert told.status_code == 409
    assert f"Meanwhile {terry.email} has decided otherwise ({why})" in told.text
    with desk.database.transaction() as session:
        assert deciding.marked(session, payment_id).state == "accepted"
        story = explaining.explain(session, str(payment_id))
    assert [step.kind for step in story.steps].count("decided_accepted") == 1
    assert (
        f"accepted by {terry.email}" in terry.client.get(f"/desk/money/payments/{payment_id}").text
    )


def test_a_month_is_stated_on_a_page_and_as_cells_that_no_spreadsheet_reckons_with(
    desk: Desk, terry: Person
) -> None:
    paid(desk)
    with desk.database.transaction() as session:
        session.execute(sa.update(Appeal).values(title="=1+1"))
    page = words_of(terry.client.get("/desk/money/months/2026-11").text)
    assert "Gifts =1+1 1 £25 At the end, 30 November 2026 £25" in page
    answer = terry.client.get("/desk/money/months/2026-11/csv")
    assert "gifts,'=1+1,,1,2500" in answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement-2026-11.csv"'
    assert ("export", "statement:2026-11") in desk.audit()
    for month in ("2026-12", "2026-13", "1999-12", "nonsense", "2026-1", "٢٠٢٦-11"):
        assert terry.client.get(f"/desk/money/months/{month}").status_code == 404, month
        assert terry.client.get(f"/desk/money/months/{month}/csv").status_code == 404, month


def test_no_page_takes_more_queries_for_more_payments(desk: Desk, terry: Person) -> None:
    first = paid(desk, 60_000)
    pages = (
        "",
        "/refunds",
        "/offline",
        "/bank",
        "/payouts",
        "/disputes",
        "/checks",
        "/months/2026-11",
    )
    paths = [*pages, f"/payments/{first}"]

    def taken() -> list[int]:
        return [queries(desk, terry, f"/desk/money{path}") for path in paths]

    upload(terry, bank_file(LINES[0]))
    few = taken()
    for _each in range(5):
        paid(desk, 60_000)
    upload(
        terry,
        bank_file(
            *(f"{day}/11/2026,FPI,P{day} SMITH GIFT,,9.00,{day}.00" for day in range(10, 20))
        ),
    )
    assert taken() == few


def queries(desk: Desk, who: Person, path: str) -> int:
    """Say how many statements a page takes."""
    said: list[str] = []

    def ran(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    sa.event.listen(desk.database.engine, "before_cursor_execute", ran)
    assert who.client.get(path).status_code == 200
    sa.event.remove(desk.database.engine, "before_cursor_execute", ran)
    return len(said)


def test_the_pages_of_a_list_lead_on_and_leave_nothing_out(desk: Desk, terry: Person) -> None:
    rows = (f"{10 + n // 6}/11/2026,FPI,P{n} SMITH GIFT,,9.0{n % 6},1.00" for n in range(30))
    with desk.database.transaction() as session:
        take(session, *rows)
        session.add_all(payout(n) for n in range(60))
        drafts = [draft(appeal="fighting-fund", reference=str(n)) for n in range(60)]
        hand.enter(session, drafts, again=True, rules=make_rules(), now=START)
    for path, link, count in (
        ("", r"/desk/money/payments/([0-9a-f-]{36})", 60),
        ("?kind=offline", r"/desk/money/payments/([0-9a-f-]{36})", 60),
        ("/payouts", r"po_[0-9]+", 60),
        ("/bank", r"/desk/money/bank/([0-9]+)", 30),
    ):
        seen, where = list[str](), f"/desk/money{path}"
        while where:
            page = terry.client.get(where).text
            seen += re.findall(link, page)
            onward = re.search(r'href="([^"]*(?:before|after)=[^"]+)"', page)
            where = onward[1].replace("&amp;", "&") if onward else ""
        assert (len(seen), len(set(seen))) == (count, count), path
    before = re.search(r'name="before" value="([^"]+)"', terry.press("/desk/money", q="25").text)
    assert before
    last = terry.press("/desk/money", q="25", before=before[1]).text
    assert last.count('class="row"') == 10


def payout(n: int) -> Payout:
    day = dt.date(2026, 10, 1) + dt.timedelta(days=n // 3)
    return Payout(
        id=uuid.uuid4(),
        stripe_payout=f"po_{n}",
        amount_pence=n + 1,
        status="paid",
        made_at=START,
        arrives_on=day,
        changed_at=START,
    )
