"""The bank's lines: each once, certain ones booked, all others left to a person."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from payments import appeals, settling, stating
from payments.models import BankDecision, BankLine, BankRule, Payment, Payout
from payments.notices import Outcome
from payments.offline import deciding, learned, suggesting, undoing
from payments.offline.deciding import Choice, NotSo
from payments.offline.givers import Giver
from tests.core.together import together
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.offline.kit import enter, make_fund, only_line, raised, sound, take
from tests.payments.test_money_that_comes_back import payout_of

SAM = Giver("Sam Jones", None, "E11 1AA")
SAM_OCTOBER = "20/10/2026,FPI,S JONES,FIGHTING FUND,10.00,110.00"
SAM_NOVEMBER = "20/11/2026,FPI,S JONES,FIGHTING FUND,10.00,120.00"


def match(session: Session, line: BankLine | None = None, **but: object) -> Payment:
    """Match a line to the fund, for Sam; return its payment."""
    purpose = but.pop("purpose", None) or appeals.find(session, "fund")
    given = {"purpose": purpose, "like": None, "giver": SAM, **but}
    choice = Choice(**given)  # type: ignore[arg-type]  # whatever the test wants
    number = (line or only_line(session)).id
    told = deciding.match(session, number, choice, rules=make_rules(), now=START)
    return told.payment


def suggested(session: Session) -> list[list[str]]:
    found = suggesting.waiting(session, account=None, most=100)
    return [[each.kind for each in waiting.suggestions] for waiting in found]


def states(session: Session) -> list[str]:
    return list(session.scalars(select(BankLine.state).order_by(BankLine.id)))


def test_a_line_waits_until_somebody_says_what_it_is(session: Session) -> None:
    make_fund(session)
    found = take(session, SAM_OCTOBER)
    assert (found.fresh, found.known, found.sorted.waiting) == (1, 0, 1)
    assert raised(session) == (0, 0)
    payment = match(session)
    line = only_line(session)
    assert (line.state, line.payment_id) == ("matched", payment.id)
    assert (payment.method, payment.amount_pence) == ("bank", 1000)
    assert raised(session) == (1000, 1)
    with pytest.raises(NotSo, match="matched"):
        match(session)
    sound(session)


def test_what_was_decided_is_booked_by_itself_to_the_letter_and_the_penny(
    session: Session,
) -> None:
    make_fund(session)
    take(session, SAM_OCTOBER)
    first = match(session, method="standing-order")
    found = take(
        session,
        SAM_NOVEMBER.lower(),
        "20/11/2026,FPI,S JONES,FIGHTING FUND,11.00,131.00",
        "20/11/2026,FPI,S JONES,FIGTHING FUND,10.00,141.00",
        "20/11/2026,FPI,M KHAN,FIGHTING FUND,10.00,151.00",
    )
    assert (found.sorted.booked, found.sorted.waiting) == (1, 3)
    assert raised(session) == (2000, 1)
    second = session.scalars(select(Payment).where(Payment.id != first.id)).one()
    assert (second.method, second.pledge.name) == ("standing-order", "Sam Jones")
    assert second.pledge.email_key == first.pledge.email_key
    assert suggested(session) == [["other-amount"], ["like"], ["appeal"]]
    decided = session.execute(select(BankDecision.decision, BankDecision.why)).all()
    assert [tuple(each) for each in decided] == [("match", ""), ("book", "rule 1")]
    sound(session)


def test_the_same_file_and_overlapping_ones_change_nothing(session: Session) -> None:
    make_fund(session)
    october = [
        SAM_OCTOBER,
        SAM_OCTOBER.replace("110.00", "120.00"),
        SAM_OCTOBER.replace("S J", "M J"),
    ]
    take(session, *october)
    match(session)
    for again in (october, october[::-1], october[1:], october[:1]):
        found = take(session, *again)
        assert (found.fresh, found.known) == (0, len(again))
    found = take(session, *october, SAM_NOVEMBER)
    assert (found.fresh, found.known) == (1, 3)
    assert raised(session)[0] == 1000


def test_without_a_balance_like_lines_of_a_day_are_told_apart_by_counting(
    session: Session,
) -> None:
    make_fund(session)
    bare = "20/11/2026,FPI,S JONES,FIGHTING FUND,10.00,"
    counts = [take(session, *[bare] * number).fresh for number in (2, 1, 2, 3, 3)]
    assert counts == [2, 0, 0, 1, 0]
    assert take(session, SAM_NOVEMBER, SAM_NOVEMBER).fresh == 0


def test_a_like_line_with_another_balance_is_doubtful_and_never_booked_by_itself(
    session: Session,
) -> None:
    make_fund(session)
    take(session, SAM_OCTOBER)
    match(session)
    take(session, SAM_NOVEMBER)
    cut = SAM_NOVEMBER.replace("120.00", "130.00")
    found = take(session, cut)
    assert (found.fresh, found.doubtful, found.sorted.booked) == (1, 1, 0)
    assert take(session, cut, SAM_NOVEMBER).fresh == 0
    assert suggested(session) == [["doubt", "as-before"]]
    assert raised(session) == (2000, 1)
    match(session)
    assert raised(session) == (3000, 1)


def test_money_out_is_no_gift_and_waits_only_where_a_gift_went_back(session: Session) -> None:
    make_fund(session)
    take(session, "01/11/2026,CHQ,CHEQUE PAID IN 000117,,25.00,25.00")
    cheque = match(session, method="cheque")
    assert session.scalars(select(BankRule)).all() == []
    found = take(
        session,
        "02/11/2026,CHG,COMMISSION,,-8.50,16.50",
        "03/11/2026,DD,HALL RENT,,-25.00,-8.50",
        "09/11/2026,UNP,UNPAID CHEQUE 000117,,-25.00,-33.50",
        "09/11/2026,FPI,NOTHING,,0.00,-33.50",
    )
    assert (found.sorted.out, found.sorted.waiting) == (3, 1)
    assert suggested(session) == [["returns"]]
    line = session.scalars(select(BankLine).where(BankLine.state == "waiting")).one()
    with pytest.raises(NotSo, match="money-out"):
        match(session, line)
    deciding.returned(session, line.id, cheque, why="bounced", now=START)
    undoing.undo(session, cheque.id, why="bounced", on=line.on_day, rules=make_rules(), now=START)
    assert raised(session) == (0, 0)
    assert (line.state, line.payment_id) == ("returned", cheque.id)
    with pytest.raises(NotSo, match="went-back"):
        deciding.unmatch(session, line.id, why="x", rules=make_rules(), now=START)
    credit = session.scalars(select(BankLine).where(BankLine.state == "matched")).one()
    with pytest.raises(NotSo, match="undone-before"):
        deciding.unmatch(session, credit.id, why="x", rules=make_rules(), now=START)
    sound(session)


def test_a_standing_order_that_went_back_is_suggested_by_its_text(session: Session) -> None:
    make_fund(session)
    take(session, SAM_NOVEMBER, "21/11/2026,FPO,S JONES,FIGHTING FUND,-10.00,110.00")
    assert suggested(session) == [["appeal"], ["returns-waiting"]]
    match(session, session.scalars(select(BankLine).where(BankLine.pence > 0)).one())
    assert suggested(session) == [["returns"]]


def test_an_unmatched_line_is_booked_back_forgotten_and_waits_again(session: Session) -> None:
    make_fund(session)
    make_fund(session, "strike-fund")
    take(session, SAM_OCTOBER)
    match(session)
    line = only_line(session)
    deciding.unmatch(session, line.id, why="wrong appeal", rules=make_rules(), now=START)
    assert (raised(session), line.state, line.payment_id) == ((0, 0), "waiting", None)
    with pytest.raises(NotSo, match="nothing-decided"):
        deciding.unmatch(session, line.id, why="x", rules=make_rules(), now=START)
    assert learned.rules_in_use(session).exact == {}
    match(session, purpose=appeals.find(session, "strike-fund"))
    assert (raised(session), raised(session, "strike-fund")) == ((0, 0), (1000, 1))
    take(session, SAM_NOVEMBER)
    assert raised(session, "strike-fund") == (2000, 1)
    sound(session)


def test_a_line_whose_gift_was_undone_by_hand_can_be_decided_on_again(session: Session) -> None:
    make_fund(session)
    take(session, SAM_OCTOBER)
    payment = match(session)
    undoing.undo(session, payment.id, why="wrong giver", rules=make_rules(), now=START)
    deciding.unmatch(session, only_line(session).id, why="same", rules=make_rules(), now=START)
    match(session)
    assert raised(session) == (1000, 1)
    sound(session)


def test_two_who_match_a_line_at_one_moment_book_it_once(database: Database) -> None:
    with database.transaction() as session:
        make_fund(session)
        take(session, SAM_OCTOBER)

    def match_it() -> str:
        try:
            with database.transaction() as session:
                match(session)
        except NotSo as error:
            return error.why
        return "booked"

    assert sorted(together(match_it, match_it, match_it)) == ["booked", "matched", "matched"]
    with database.reading() as session:
        assert raised(session) == (1000, 1)


def test_a_line_booked_by_itself_and_unmatched_ends_the_rule(session: Session) -> None:
    make_fund(session)
    take(session, SAM_OCTOBER)
    match(session)
    take(session, SAM_NOVEMBER)
    deciding.unmatch(session, only_line(session).id, why="x", rules=make_rules(), now=START)
    assert learned.rules_in_use(session).exact == {}
    assert raised(session) == (1000, 1)


def test_no_gift_is_a_decision_that_can_be_taken_back(session: Session) -> None:
    make_fund(session)
    take(session, SAM_OCTOBER)
    line = only_line(session)
    deciding.not_a_gift(session, line.id, why="rent of the hall", now=START)
    assert states(session) == ["not-a-gift"]
    with pytest.raises(NotSo, match="not-a-gift"):
        match(session)
    deciding.unmatch(session, line.id, why="x", rules=make_rules(), now=START)
    assert states(session) == ["waiting"]
    with pytest.raises(deciding.NoSuchLine):
        deciding.not_a_gift(session, 999, why="x", now=START)


def test_stripes_payouts_are_matched_and_count_for_nothing_twice(session: Session) -> None:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    for number, pence in ((1, 965), (2, 965), (3, -50)):
        told = replace(payout_of(pence, "paid", f"po_{number}"), arrives_on=START.date())
        settling.apply(session, told, rules=make_rules(), now=START)
    found = take(
        session,
        "22/11/2026,FPI,STRIPE PAYMENTS UK,STRIPE,9.65,9.65",
        "22/11/2026,FPI,STRIPE PAYMENTS UK,STRIPE,9.65,19.30",
        "22/11/2026,FPI,STRIPE PAYMENTS UK,STRIPE,9.65,28.95",
        "22/11/2026,DD,STRIPE PAYMENTS UK,STRIPE,-0.50,28.45",
        "01/11/2026,FPI,STRIPE PAYMENTS UK,STRIPE,7.00,7.00",
        "22/11/2026,FPI,A STRIPED CAT,,9.65,38.10",
    )
    assert (found.sorted.payouts, found.sorted.waiting) == (3, 3)
    assert suggested(session) == [["stripe"], ["stripe"], []]
    assert raised(session) == (1000, 1)
    (first, *_others) = stating.month(session, 2026, 11).payouts
    assert first.at_bank_on == dt.date(2026, 11, 22)
    late = replace(payout_of(965, "paid", "po_4"), arrives_on=START.date())
    settling.apply(session, late, rules=make_rules(), now=START)
    assert take(session, SAM_OCTOBER).sorted.payouts == 1
    taken = session.scalars(select(BankLine.payout_id).where(BankLine.payout_id.is_not(None)))
    assert len(set(taken)) == session.scalars(select(func.count(Payout.id))).one() == 4
    sound(session)


def test_a_gift_entered_by_hand_is_not_booked_again_from_the_bank(session: Session) -> None:
    make_fund(session)
    take(session, SAM_OCTOBER)
    match(session)
    by_hand = enter(session, amount="10", method="bank", name="Sam Jones", postcode="E11 1AA")
    found = take(session, SAM_NOVEMBER)
    assert (found.sorted.booked, found.sorted.waiting) == (0, 1)
    (waiting,) = suggesting.waiting(session, account=None, most=9)
    assert [each.kind for each in waiting.suggestions] == ["entered", "as-before"]
    assert waiting.suggestions[0].values["payment"] == str(by_hand.id)


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("S JONES FIGHTING FUND", True),
        ("FIGHTING FUND DONATION", False),
        ("CASH DEPOSIT LEEDS", False),
        ("COUNTER CREDIT 500117 LEYTON", False),
        ("FASTER PAYMENT RECEIVED REF 12", False),
        ("", False),
        ("متبرع كريم", True),
    ],
)
def test_nothing_is_learned_from_what_anybodys_line_says(
    session: Session, text: str, *, telling: bool
) -> None:
    make_fund(session, "fighting-fund")
    assert learned.tells_somebody(session, text.casefold()) is telling


def test_nothing_is_booked_by_itself_to_what_has_ended(session: Session) -> None:
    fund = make_fund(session, ends=dt.date(2026, 11, 1))
    dues = make_pledge(session, kind="dues")
    take(session, SAM_OCTOBER)
    match(session)
    take(session, "20/10/2026,FPI,M KHAN,SUBS,5.00,115.00")
    match(session, purpose=dues)
    monthly = "20/11/2026,FPI,M KHAN,SUBS,5.00,125.00"
    assert take(session, SAM_NOVEMBER).sorted.booked == 0
    dues.stopped_at = START
    session.flush()
    assert take(session, monthly).sorted.booked == 0
    assert suggested(session) == [["has-ended"], ["has-ended"]]
    fund.ends, dues.stopped_at = None, None
    session.flush()
    again = take(session, monthly.replace("20/11", "21/11"), SAM_NOVEMBER.replace("20/11", "21/11"))
    assert again.sorted.booked == 2
    assert [payment.number for payment in dues.payments] == [1, 2]


def test_the_same_file_imported_by_two_at_one_moment_is_imported_once(database: Database) -> None:
    with database.transaction() as session:
        make_fund(session)
        take(session, SAM_OCTOBER)
        match(session)

    def import_it() -> int:
        with database.transaction() as session:
            return take(session, SAM_OCTOBER, SAM_NOVEMBER, SAM_NOVEMBER).fresh

    assert sorted(together(import_it, import_it, import_it)) == [0, 0, 2]
    with database.reading() as session:
        assert raised(session) == (3000, 1)
        sound(session)


class Killed(Exception):
    """What ends an import in its middle."""


def test_an_import_that_dies_on_the_way_leaves_nothing_half(database: Database) -> None:
    with database.transaction() as session:
        make_fund(session)
        take(session, SAM_OCTOBER)
        match(session)
    heard = []

    def die(_session: Session, event: object, _now: dt.datetime) -> None:
        heard.append(event)
        if len(heard) == 2:
            raise Killed

    months = [SAM_NOVEMBER.replace("20/11", f"{day:02}/11") for day in range(1, 4)]
    with pytest.raises(Killed), database.transaction() as session:
        take(session, *months, rules=make_rules(announce=die))
    with database.transaction() as session:
        assert (states(session), raised(session)) == (["matched"], (1000, 1))
        assert take(session, *months).sorted.booked == 3
        sound(session)
