"""What a line may be, among more rules and lines than a page could look through."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from payments.models import BankRule
from payments.offline import suggesting
from tests.databases import ON_ONE
from tests.fakes import START
from tests.payments.offline.kit import make_fund, take
from tests.payments.offline.test_importing import match

pytestmark = ON_ONE
MANY = 300  # more than one statement of SQLite's takes the neighbours of


def test_a_rule_is_found_among_many_and_lines_are_listed_however_many_wait(
    session: Session,
) -> None:
    make_fund(session)
    take(session, "19/10/2026,FPI,S JONES,FIGHTING FUND,10.00,110.00")
    payment = match(session)
    rule = {"line_id": 1, "payment_id": payment.id, "pence": 1000, "learned_at": START}
    rules = [{"folded": f"{letter}{n} giver", **rule} for letter in "arz" for n in range(MANY)]
    session.execute(insert(BankRule), rules)
    lines = [f"20/11/2026,FPI,GIVER NUMBER {n},,{n}.00,{1000 + n}.00" for n in range(1, MANY)]
    slip = "21/11/2026,FPI,S JONES,FIGTHING FUND,10.00,9999.00"
    take(session, *lines, slip)
    found = suggesting.waiting(session, account=None, most=MANY)
    assert len(found) == MANY
    (like,) = [each for each in found[-1].suggestions if each.kind == "like"]
    assert like.values["name"] == "Sam Jones"
    assert like.values["text"] == "s jones fighting fund"
