"""A giver's own pages tell what went back, as the books have it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.self_service import giving
from payments import settling
from payments.models import Pledge
from payments.notices import Outcome
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import dispute_of, refund_of


def shown(session: Session) -> list[tuple[int, bool]]:
    key = session.scalars(select(Pledge.email_key)).first()
    assert key is not None
    return [(each.back_pence, each.disputed) for each in giving.arrived(session, key)]


def test_what_has_arrived_says_what_was_given_back_or_taken_by_the_bank(session: Session) -> None:
    pledge, rules = make_pledge(session), make_rules()
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=rules, now=START)
    session.flush()
    assert shown(session) == [(0, False)]
    settling.apply(session, refund_of(pledge, 300), rules=rules, now=START)
    session.expire_all()
    assert shown(session) == [(300, False)]
    disputed = dispute_of(pledge, pence=700)
    settling.apply(session, disputed, rules=rules, now=START)
    session.expire_all()
    assert shown(session) == [(300, True)]
