"""The statement of a year against the ledger, at its edges, and the one letter about it."""

import datetime as dt
import random
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core import links
from core.clock import LONDON
from core.database import Database
from payments import settling
from payments.models import LedgerEntry, LedgerTransaction, Pledge
from payments.monthly import yearly
from payments.notices import DisputeState, Notice, Outcome, RefundState
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeMailer
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.monthly.conftest import Gift

SAM = "sam@example.org"
LAST = dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=LONDON)
FIRST = dt.datetime(2027, 1, 1, 0, 0, tzinfo=LONDON)


def statement(gift: Gift, year: int) -> yearly.Year:
    with gift.database.reading() as session:
        return yearly.of(session, SAM, year)


def refund(intent: str, pence: int, at: dt.datetime) -> RefundState:
    return RefundState(
        refund=f"re_{uuid.uuid4().hex}",
        payment_intent=intent,
        charge=None,
        pence=pence,
        currency="GBP",
        status="succeeded",
        reason=None,
        livemode=False,
        made_at=at,
        at=at,
    )


def dispute(intent: str, pence: int, at: dt.datetime) -> DisputeState:
    return DisputeState(
        dispute=f"dp_{uuid.uuid4().hex}",
        payment_intent=intent,
        charge=None,
        pence=pence,
        currency="GBP",
        status="needs_response",
        reason="fraudulent",
        livemode=False,
        opened_at=at,
        answer_by=None,
        at=at,
    )


def intent_of(gift: Gift, number: int) -> str:
    return f"pi_{gift.pledge.id.hex}_{number}"


def test_one_renewal_on_each_side_of_the_new_year(gift: Gift) -> None:
    gift.told(gift.month(2, 1000, LAST, paid_at=LAST))
    gift.told(gift.month(3, 1000, FIRST, paid_at=FIRST))
    this, new = statement(gift, 2026), statement(gift, 2027)
    assert [line.moved_on for line in this.lines] == [START.date(), dt.date(2026, 12, 31)]
    assert [line.moved_on for line in new.lines] == [dt.date(2027, 1, 1)]
    assert (this.kept_pence, new.kept_pence) == (2000, 1000)


@pytest.mark.parametrize(
    ("at", "year"),
    [  # British Summer Time is of no matter in January, but the year is London's all the same
        (dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC), 2026),
        (dt.datetime(2027, 1, 1, tzinfo=dt.UTC), 2027),
        (dt.datetime(2027, 1, 1, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))), 2026),
    ],
)
def test_a_year_is_londons(gift: Gift, at: dt.datetime, year: int) -> None:
    gift.told(gift.month(2, 1000, at, paid_at=at))
    assert statement(gift, year).lines[-1].moved_on.year == year


def test_what_goes_back_in_another_year_stands_in_that_one(gift: Gift) -> None:
    gift.told(refund(intent_of(gift, 1), 400, FIRST))
    assert statement(gift, 2026).kept_pence == 1000
    new = statement(gift, 2027)
    assert (new.came_pence, new.back_pence, new.kept_pence) == (0, -400, -400)
    assert [(line.kind, line.paid_on) for line in new.lines] == [("refund", START.date())]


def happenings(gift: Gift, luck: random.Random) -> list[Notice]:
    """Two years of months, some of which went back in part, in full, or to the bank."""
    found: list[Notice] = []
    for number in range(2, 20):
        at = START + dt.timedelta(days=30 * (number - 1), seconds=luck.randrange(86_400))
        found.append(gift.month(number, 1000, at, paid_at=at))
        later = at + dt.timedelta(days=luck.randrange(1, 120))
        match luck.randrange(5):
            case 0:
                found.append(refund(intent_of(gift, number), luck.randrange(1, 1000), later))
            case 1:
                found.append(refund(intent_of(gift, number), 1000, later))
            case 2:
                lost = dispute(intent_of(gift, number), 1000, later)
                after = later + dt.timedelta(days=40)
                outcome = luck.choice(["won", "lost"])
                found += [lost, replace(lost, status=outcome, at=after)]
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_statements_come_to_what_the_ledger_holds(gift: Gift, seed: int) -> None:
    luck = random.Random(seed)  # noqa: S311 -- chance, not secrecy
    notices = happenings(gift, luck)
    luck.shuffle(notices)
    for _round in range(2):  # what came before the payment it speaks of is told again
        for notice in notices:
            gift.told(notice)
    with gift.database.reading() as session:
        years = yearly.years(session, SAM)
        statements = [yearly.of(session, SAM, year) for year in years]
        held = session.scalar(
            select(-func.sum(LedgerEntry.pence))
            .join(LedgerTransaction)
            .where(LedgerEntry.account == "gifts")
        )
    assert years == [2028, 2027, 2026]
    assert sum(each.kept_pence for each in statements) == held
    for each in statements:
        assert sum(line.pence for line in each.lines) == each.kept_pence
        assert each.came_pence + each.back_pence == each.kept_pence


def open_pages(client: FlaskClient, path: str) -> str:
    """Open a mailed link; return where its button leads."""
    page = client.get(path).text
    fields = {
        part.split('"')[0]: part.split('value="')[1].split('"')[0]
        for part in page.split('name="')[1:]
        if 'value="' in part
    }
    answer = client.post("/me/open", data=fields)
    assert answer.status_code == 303
    return answer.location


def test_one_letter_in_january_leads_to_the_page(
    gift: Gift, work: Work, mailer: FakeMailer, clock: FakeClock, client: FlaskClient
) -> None:
    for day in ("2026-12-31", "2027-01-01", "2027-01-04"):
        clock.moment = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        work()
    assert gift.letters("year_statement") == []
    for day in ("2027-01-05", "2027-01-06", "2027-01-31"):
        clock.moment = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        work()
    (letter,) = gift.letters("year_statement")
    assert SAM not in letter.key
    (sent,) = [mail for mail in mailer.sent if "statement" in mail["Subject"]]
    (link,) = [line for line in sent.get_content().splitlines() if "/me/open" in line]
    where = open_pages(client, link[link.index("/me/") :])
    assert where == "/me/statement/2026"
    page = client.get(where)
    assert page.status_code == 200
    assert "£10" in page.text
    for year in (2025, 2027, 0, 9999, 10**30):
        assert client.get(f"/me/statement/{year}").status_code == 404
    clock.moment = dt.datetime(2027, 2, 1, 12, tzinfo=dt.UTC)
    work()
    assert len(gift.letters("year_statement")) == 1


def test_who_gave_once_or_pays_dues_has_no_letter(
    begin: Callable[..., Gift], database: Database, work: Work, clock: FakeClock
) -> None:
    gift = begin("dues")
    with database.transaction() as session:
        once = make_pledge(session)
        settling.apply(session, make_notice(once, Outcome.PAID), rules=make_rules(), now=START)
    clock.moment = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
    work()
    assert gift.letters("year_statement") == []


def test_nobody_sees_anothers_year(gift: Gift, client: FlaskClient, app_keys: list[str]) -> None:
    with gift.database.transaction() as session:
        other = links.mint(
            session, "kim@example.org", lifetime=dt.timedelta(hours=1), now=gift.clock.now()
        )
    open_pages(client, f"/me/open?token={links.token(other, app_keys)}&to=2026")
    assert client.get("/me/statement/2026").status_code == 404
    assert client.get(f"/me/change/{gift.pledge.id}").status_code == 404
    assert client.get(f"/me/pause/{gift.pledge.id}").status_code == 404
    with gift.database.reading() as session:
        assert session.get_one(Pledge, gift.pledge.id).stopped_at is None


@pytest.fixture
def app_keys(gift: Gift) -> list[str]:
    return list(gift.app.extensions["link_keys"])
