"""Givers found by the words of their names, which come and go with the names."""

import datetime as dt
import uuid

from flask import Flask
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from core.database import Database
from payments import letting_go, searching, settling
from payments.models import Appeal, Payment, Pledge, PledgeWord
from payments.notices import Outcome
from tests.databases import ON_ONE
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.offline.kit import enter

DAY = dt.timedelta(days=1)


def give(session: Session, name: str, day: int = 0, kind: str = "donation") -> Payment:
    """Let somebody give; a later day is a newer gift."""
    pledge = make_pledge(session, kind)
    pledge.name, pledge.created_at = name, START + day * DAY
    session.flush()
    searching.write_anew(session, [pledge])
    notice = make_notice(pledge, Outcome.PAID, at=START + day * DAY)
    if kind == "donation":
        assert settling.apply(session, notice, rules=make_rules(), now=START) == "applied"
        return pledge.payments[0]
    payment = Payment(
        id=uuid.uuid4(),
        pledge_id=pledge.id,
        kind=kind,
        number=1,
        amount_pence=1000,
        currency="GBP",
        paid_at=START,
        booked_at=START,
        invoice=uuid.uuid4().hex,
    )
    session.add(payment)
    session.flush()
    return payment


def names(session: Session, typed: str, most: int = 50) -> list[str]:
    """Return whose payments are found, in the order of the list."""
    ids = searching.payments_of(session, typed, most=most)
    return [session.get_one(Payment, each).pledge.name for each in ids]


def test_each_word_typed_begins_one_of_the_name(session: Session) -> None:
    for name in ("Ann O'Neill", "Anne Ōta", "Zoë Anne Jones", "Member 12", "Member 7", "Jo Jones"):
        give(session, name)
    found = {
        "anne": ["Zoë Anne Jones", "Anne Ōta"],
        "ann": ["Zoë Anne Jones", "Ann O'Neill", "Anne Ōta"],
        "o'neill ANN": ["Ann O'Neill"],
        "oneill": ["Ann O'Neill"],
        "zoe jon": ["Zoë Anne Jones"],
        "ota": ["Anne Ōta"],
        "7 member": ["Member 7"],
        "member 1": ["Member 12"],
        "jo": ["Jo Jones", "Zoë Anne Jones"],  # each once, though two of its words begin so
        "jo jo": ["Jo Jones"],
        "member jones": [],
        "neill": [],
        "% _ '": [],
        "": [],
    }
    assert {typed: sorted(names(session, typed)) for typed in found} == {
        typed: sorted(wanted) for typed, wanted in found.items()
    }


def test_a_list_goes_on_where_it_ended_and_names_each_payment_once(session: Session) -> None:
    same = [give(session, "Sam Jones", day).id for day in (3, 1, 2)]
    others = [give(session, name).id for name in ("Sam Adams", "Jo Sam", "Jo Samways")]
    dues = give(session, "Sam Jones", 4, "dues")
    second = {"pledge_id": dues.pledge_id, "number": 2, "paid_at": START + 40 * DAY}
    session.execute(
        insert(Payment).values(
            id=uuid.UUID(int=7),
            kind="dues",
            amount_pence=1000,
            currency="GBP",
            booked_at=START,
            invoice="in_2",
            **second,
        )
    )
    whole = searching.payments_of(session, "sam", most=50)
    in_parts: list[uuid.UUID] = []
    last = None
    while page := searching.payments_of(session, "sam", most=2, after=last):
        in_parts += page
        last = page[-1]
    assert in_parts == list(whole)
    assert set(whole) == {*same, *others, dues.id, uuid.UUID(int=7)}
    jones = [each for each in whole if each not in others]
    assert jones == [uuid.UUID(int=7), dues.id, same[0], same[2], same[1]]  # the newest first
    assert searching.payments_of(session, "adams", most=9, after=same[0]) == []


def test_words_come_with_every_way_to_give_and_go_with_the_name(session: Session) -> None:
    given = give(session, "Sam Jones").pledge
    enter(session, name="Ann Entered")
    words = select(func.count()).select_from(PledgeWord)
    assert names(session, "entered") == ["Ann Entered"]
    assert session.scalar(words.where(PledgeWord.pledge_id == given.id)) == 2
    given.name = "Kim Smith"
    session.flush()
    assert (names(session, "jones"), names(session, "smith")) == ([], ["Kim Smith"])
    letting_go._bare(session, given)
    assert names(session, "kim") == []
    assert session.scalar(words.where(PledgeWord.pledge_id == given.id)) == 0
    appeal = session.scalars(select(Appeal.id)).first()
    row = {"id": uuid.uuid4(), "kind": "offline", "state": "pending", "amount_pence": 1}
    row |= {"title": "", "appeal_id": appeal, "name": "Put In", "email": "", "email_key": "x"}
    row |= {"message": "", "display": "", "source": "", "form_nonce": "x", "created_at": START}
    session.execute(insert(Pledge).values(**row))
    searching.write_anew(session, [session.get_one(Pledge, row["id"]), given])
    assert session.scalar(words.where(PledgeWord.pledge_id == row["id"])) == 2


@ON_ONE
def test_words_are_written_anew_for_rows_put_in_past_the_service(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        give(session, "Sam Jones")
        session.execute(delete(PledgeWord))
    said = app.test_cli_runner().invoke(args=["payments", "reindex"]).output
    assert said == "Gifts and agreements found by their givers' names: 1.\n"
    with database.reading() as session:
        assert names(session, "jones") == ["Sam Jones"]
