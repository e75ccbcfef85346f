"""A gift that somebody types: read whole, booked once, counted for whoever gave it."""

import datetime as dt
import io

import pytest
import sqlalchemy as sa
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.clock import day_in_london
from core.database import Database
from core.outbox import OutboxMail
from payments import exporting, settling
from payments.announcements import DonationPaid, DuesPaid
from payments.models import LedgerEntry, OfflineEntry, Payment
from payments.notices import Outcome
from payments.offline import hand
from payments.offline.booking import LooksLike
from payments.offline.entering import BadEntry
from payments.offline.givers import fold
from tests.core.together import together
from tests.fakes import START
from tests.payments.factories import Announced, make_notice, make_pledge, make_rules
from tests.payments.offline.kit import draft, enter, make_fund, raised, sound


def faults_of(**but: str) -> list[tuple[str, str]]:
    with pytest.raises(BadEntry) as found:
        draft(**but)
    return [(fault.field, fault.why) for fault in found.value.faults]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("ten pounds", "amount-other"),
        ("", "amount-missing"),
        ("10.505", "amount-finer"),
        ("-5", "amount-negative"),
        ("-£5.00", "amount-negative"),
        ("£-5", "amount-negative"),
        ("\u22125", "amount-negative"),
        ("0", "amount-nothing"),
        ("0.00", "amount-nothing"),
        ("NaN", "amount-other"),
        ("inf", "amount-other"),
        ("1e9", "amount-other"),
        ("\u0662\u0665", "amount-other"),
        ("1,00", "amount-other"),
        ("21474836.48", "amount-too-much"),
        ("9" * 400, "amount-too-much"),
        ("=25", "amount-other"),
    ],
)
def test_what_is_no_amount_is_told_in_its_own_words(typed: str, why: str) -> None:
    assert faults_of(amount=typed) == [("amount", why)]


@pytest.mark.parametrize(
    ("typed", "pence"), [("£25", 2500), ("1,250.50", 125_050), ("0.01", 1), (" £ 7 ", 700)]
)
def test_an_amount_is_read_as_people_write_it(typed: str, pence: int) -> None:
    assert draft(amount=typed).amount.pence == pence


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "missing"),
        ("yesterday", "not-a-day"),
        ("2026-02-30", "not-a-day"),
        ("11/20/2026", "not-a-day"),
        ("2026-11-23", "in-the-future"),
        ("1999-12-31", "too-long-ago"),
        ("0206-11-20", "too-long-ago"),
        ("20/11/26", "not-a-day"),
        ("\u0662026-11-20", "not-a-day"),
    ],
)
def test_a_day_has_come_and_is_not_long_gone(typed: str, why: str) -> None:
    assert faults_of(received=typed) == [("received", why)]


def test_today_and_the_first_day_are_days() -> None:
    assert draft(received="22/11/2026").received_on == dt.date(2026, 11, 22)
    assert draft(received="2000-01-01").received_on == dt.date(2000, 1, 1)


@pytest.mark.parametrize(
    ("but", "found"),
    [
        ({"method": "card"}, ("method", "not-one-of")),
        ({"method": ""}, ("method", "missing")),
        ({"appeal": ""}, ("appeal", "neither")),
        ({"dues": "x"}, ("appeal", "both")),
        ({"email": "a@b@example.org"}, ("email", "not-an-email")),
        ({"email": "a@example.org\nBcc: x@example.org"}, ("email", "unshowable")),
        ({"postcode": "nowhere"}, ("postcode", "not-a-postcode")),
        ({"name": "Sam\x00Jones"}, ("name", "unshowable")),
        ({"name": "\udcff"}, ("name", "unshowable")),
        ({"name": "x" * 101}, ("name", "too-long")),
        ({"reference": "x" * 100_000}, ("reference", "too-long")),
        ({"message": "x" * 1001}, ("message", "too-long")),
        ({"display": "loud"}, ("display", "not-one-of")),
        ({"receipt": "perhaps"}, ("receipt", "yes-or-no")),
        ({"receipt": "yes"}, ("receipt", "needs-email")),
    ],
)
def test_every_other_field_is_checked(but: dict[str, str], found: tuple[str, str]) -> None:
    assert found in faults_of(**but)


def test_every_fault_is_told_at_once() -> None:
    fields = [field for field, _why in faults_of(method="", amount="", received="", appeal="")]
    assert fields == ["appeal", "method", "amount", "received"]


def test_a_gift_is_booked_where_it_is_held_and_for_what(session: Session) -> None:
    make_fund(session)
    for method, amount in (
        ("cash", "25"),
        ("cheque", "30"),
        ("standing-order", "5"),
        ("bank", "7"),
    ):
        payment = enter(session, method=method, amount=amount, name="Añ\u202ba مريم")
        assert (payment.method, payment.offline, payment.pledge.kind) == (method, True, "offline")
        assert day_in_london(payment.paid_at) == dt.date(2026, 11, 20)
        assert session.get_one(OfflineEntry, payment.id).received_on == dt.date(2026, 11, 20)
    entries = select(LedgerEntry.account, LedgerEntry.pence).order_by(LedgerEntry.id)
    assert sorted(map(tuple, session.execute(entries))) == [
        ("bank", 500),
        ("bank", 700),
        ("bank", 3000),
        ("cash", 2500),
        ("gifts", -3000),
        ("gifts", -2500),
        ("gifts", -700),
        ("gifts", -500),
    ]
    assert raised(session) == (6700, 4)
    sound(session)


def test_the_same_again_is_noticed_unless_it_is_meant(session: Session) -> None:
    make_fund(session)
    first = enter(session, name="Sam Jones")
    for same in ({"name": "sam  JONES"}, {"name": "Mr Sam Jones", "amount": "£25.00"}):
        with pytest.raises(hand.NotEntered) as found:
            enter(session, **same)
        ((_number, fault),) = found.value.faults
        assert (fault.why, fault.detail) == ("looks-like", str(first.id))
    for other in ({"name": "Mo Khan"}, {"name": "Sam Jones", "received": "2026-11-19"}):
        enter(session, **other)
    enter(session, name="Sam Jones", again=True)
    enter(session, name="Sam Jones", again=True)
    assert raised(session)[0] == 12_500
    sound(session)


def test_like_gifts_of_one_file_are_different_gifts_and_the_file_again_is_the_same(
    session: Session,
) -> None:
    make_fund(session)
    notes = [draft(amount="5"), draft(amount="5"), draft(amount="5"), draft(amount="10")]
    hand.enter(session, notes, again=False, rules=make_rules(), now=START)
    with pytest.raises(hand.NotEntered) as found:
        hand.enter(session, notes, again=False, rules=make_rules(), now=START)
    assert [number for number, _fault in found.value.faults] == [0, 1, 2, 3]
    with pytest.raises(hand.NotEntered) as found:
        hand.enter(session, notes[:2], again=False, rules=make_rules(), now=START)
    assert len({fault.detail for _number, fault in found.value.faults}) == 2
    assert raised(session) == (2500, 4)


def test_two_who_enter_the_same_at_one_moment_enter_it_once(database: Database) -> None:
    with database.transaction() as session:
        make_fund(session)

    def enter_it() -> str:
        try:
            with database.transaction() as session:
                enter(session, name="Sam Jones")
        except (LooksLike, hand.NotEntered):
            return "noticed"
        return "entered"

    assert sorted(together(*[enter_it] * 4)) == ["entered", *["noticed"] * 3]
    with database.reading() as session:
        assert raised(session) == (2500, 1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite writes in turn
@pytest.mark.parametrize("of_dues", [False, True])
def test_what_is_entered_between_the_question_and_the_booking_is_noticed(
    database: Database, *, of_dues: bool
) -> None:
    with database.transaction() as session:
        make_fund(session)
        dues = make_pledge(session, kind="dues")
    said = {"appeal": "", "dues": str(dues.id)} if of_dues else {"name": "Sam Jones"}
    sooner: list[Payment] = []
    first = iter([True])

    def answered(_connection: object, _cursor: object, asked: str, *_rest: object) -> None:
        if "offline_entry.fingerprint =" in asked and next(first, False):
            with database.transaction() as other:
                sooner.append(enter(other, **said))

    sa.event.listen(database.engine, "after_cursor_execute", answered)
    with pytest.raises(LooksLike), database.transaction() as session:
        enter(session, **said)
    sa.event.remove(database.engine, "after_cursor_execute", answered)
    assert len(sooner) == 1
    with database.reading() as session:
        assert session.scalars(select(OfflineEntry.payment_id)).all() == [sooner[0].id]


def test_a_giver_is_known_by_address_or_by_name_and_postcode(session: Session) -> None:
    online = make_pledge(session)  # Sam Jones, Sam@example.org
    online.postcode = "E11 1AA"
    settling.apply(session, make_notice(online, Outcome.PAID), rules=make_rules(), now=START)
    assert raised(session) == (1000, 1)
    by_address = enter(session, email="sam@EXAMPLE.org")
    by_place = enter(session, amount="3", name="Mr. Sam JONES", postcode="E11 1AA")
    assert raised(session) == (3800, 1)
    assert by_address.pledge.email == "sam@example.org"
    assert (by_place.pledge.email, by_place.pledge.email_key) == ("", online.email_key)
    enter(session, amount="4", name="Sam Jones", postcode="E17 4PP")
    enter(session, amount="5", name="sam jones", postcode="E17 4PP")
    assert raised(session) == (4700, 2)
    enter(session, amount="6", name="Sam Jones")
    enter(session, amount="7")
    enter(session, amount="8")
    assert raised(session) == (6800, 5)
    sound(session)


def test_of_two_known_people_of_one_name_and_postcode_neither_is_taken(session: Session) -> None:
    for address in ("one@example.org", "two@example.org"):
        pledge = make_pledge(session)
        pledge.postcode, pledge.email, pledge.email_key = "E11 1AA", address, address
    (entered,) = hand.enter(
        session,
        [draft(name="Sam Jones", postcode="E11 1AA")],
        again=False,
        rules=make_rules(),
        now=START,
    )
    assert (entered.giver.how, entered.giver.several) == ("new", True)
    assert entered.payment.pledge.email_key.startswith("offline:")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siân O'Neill", "SIAN ONEILL"),
        ("Ms. Ada  Lovelace", "ada lovelace"),
        ("J. R. Smith", "J R Smith"),
        ("Łukasz", "łukasz"),
    ],
)
def test_spellings_of_a_name_are_one_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_receipt_goes_only_to_an_address_that_asked_for_it(session: Session) -> None:
    make_fund(session)
    enter(session, email="sam@example.org")
    assert session.scalars(select(OutboxMail)).all() == []
    enter(session, email="mo@example.org", receipt="yes")
    (letter,) = session.scalars(select(OutboxMail)).all()
    assert (letter.template, letter.recipient) == ("receipt", "mo@example.org")
    assert letter.values["gift"]["frequency"] == "once"
    assert "link" not in letter.values


def test_a_gift_is_announced_and_dues_are_dues(session: Session) -> None:
    heard = Announced()
    rules = make_rules(announce=heard)
    dues = make_pledge(session, kind="dues")
    meant = [draft(), draft(appeal="", dues="SAM@example.org", amount="12", received="2026-11-01")]
    gift, due = hand.enter(session, meant, again=False, rules=rules, now=START)
    assert heard == [
        DonationPaid(gift.payment.pledge_id, gift.payment.id, 2500, 1, gift.payment.paid_at),
        DuesPaid(dues.id, due.payment.id, 1200, 1, due.payment.paid_at),
    ]
    assert (dues.state, due.payment.number) == ("paid", 1)
    (again,) = hand.enter(
        session,
        [draft(appeal="", dues=dues.id.hex[:8].upper())],
        again=False,
        rules=rules,
        now=START,
    )
    assert again.payment.number == 2
    accounts = select(LedgerEntry.account, LedgerEntry.pence).where(LedgerEntry.account == "dues")
    assert [pence for _account, pence in session.execute(accounts)] == [-1200, -2500]
    sound(session)


def test_dues_are_refused_where_it_is_not_clear_whose(session: Session) -> None:
    make_fund(session)

    def why(words: str) -> str:
        with pytest.raises(hand.NoDues) as found:
            hand.dues_of(session, words)
        return found.value.why

    gift = make_pledge(session)
    assert [why(each) for each in ("", "sam@example.org", "x@y@z", str(gift.id), "zz")] == [
        "no-such-dues"
    ] * 5
    first, second = make_pledge(session, kind="dues"), make_pledge(session, kind="dues")
    assert why("sam@example.org") == "several-dues"
    first.state = "paid"
    assert hand.dues_of(session, "sam@example.org") is first
    first.stopped_at = second.stopped_at = START
    assert why("sam@example.org") == "dues-ended"
    first.state = "pending"  # as it was: it has no payment


def test_an_offline_payment_is_a_row_of_the_export(session: Session) -> None:
    make_fund(session)
    dues = make_pledge(session, kind="dues")
    dues.amount_pence = 500
    enter(session, method="cheque")
    enter(session, appeal="", dues=str(dues.id), amount="5")
    file = io.StringIO()
    exporting.write(session, file, first=dt.date(2026, 11, 20), last=dt.date(2026, 11, 20))
    rows = [line.split(",") for line in file.getvalue().splitlines()[1:]]
    assert sorted((row[1], row[2], row[3], row[7], row[12:]) for row in rows) == [
        ("dues", "paid", "500", "cash", ["", "", ""]),
        ("offline", "paid", "2500", "cheque", ["", "", ""]),
    ]


@pytest.mark.parametrize(
    "but", [{"method": "card"}, {"method": None}, {"method": "cash", "payment_intent": "pi_x"}]
)
def test_the_database_refuses_a_payment_of_neither_kind(
    session: Session, but: dict[str, str | None]
) -> None:
    pledge = make_pledge(session)
    moments = {"paid_at": START, "booked_at": START}
    row = {
        "id": pledge.id,
        "pledge_id": pledge.id,
        "number": 1,
        "amount_pence": 1,
        "kind": "donation",
        **moments,
    }
    with pytest.raises(IntegrityError, match="known_to_stripe_or_offline"), session.begin_nested():
        session.execute(insert(Payment).values(currency="GBP", **row, **but))
