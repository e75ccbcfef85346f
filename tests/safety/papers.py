"""What lies on the desks: in each region a gift above the law's threshold, and whoever waits.

Of the gift somebody wishes a part back, its message is to be read, and the bank's file has a line
of the same giver. Beside each person is an applicant who may be the same as they are.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.desk.models import DirectoryChange
from branches.desk.world import version
from branches.directory import files_of
from members.models import Likeness, Member
from members.protection.models import PrivacyRequest
from members.records import MemberNote
from payments import settling
from payments.models import BankAccount, BankLine, Payment, Pledge, RefundWish
from payments.notices import Outcome
from payments.offline.statements import fold
from staff.models import StaffPasskey
from tests.members.standing.books import make_member, pay
from tests.payments.factories import DECLARED, make_notice, make_pledge, make_rules

ACCOUNT = "current"
POUNDS = {"A": 611, "B": 733}  # sums that nothing else is of


class Giver(Protocol):
    """What is needed of somebody here."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def street(self) -> str: ...
    @property
    def postcode(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Paper:
    """What lies there of one region, by its ids."""

    payment: uuid.UUID
    pledge: uuid.UUID
    wish: uuid.UUID
    line: int


def on_money(
    session: Session, givers: Mapping[str, Giver], treasurer: uuid.UUID, now: dt.datetime
) -> dict[str, Paper]:
    """Lay out what a treasurer and a moderator have to decide on, as this treasurer left it."""
    session.add(BankAccount(name=ACCOUNT))
    session.flush()
    found = {}
    for place, who in givers.items():
        payment = _given(session, who, POUNDS[place] * 100, now)
        wish = RefundWish(
            id=uuid.uuid4(),
            payment_id=payment.id,
            form_nonce=uuid.uuid4().hex,
            amount_pence=100,
            why="asked by telephone",
            needs_second=True,
            state="waiting",
            asked_by=treasurer,
            asked_at=now,
        )
        line = _line(who, now.date())
        session.add_all([wish, line])
        session.flush()
        found[place] = Paper(payment.id, payment.pledge_id, wish.id, line.id)
    return found


def _given(session: Session, who: Giver, pence: int, now: dt.datetime) -> Payment:
    declared = replace(DECLARED, name=who.name, address1=who.street, postcode=who.postcode)
    pledge: Pledge = make_pledge(session, pence=pence, declaration=declared)
    pledge.name, pledge.email, pledge.email_key = who.name, who.email, who.email
    pledge.message, pledge.display = who.words, "first"
    session.flush()
    notice = replace(make_notice(pledge, Outcome.PAID), at=now)
    assert settling.apply(session, notice, rules=make_rules(), now=now) == "applied"
    return pledge.payments[0]


def _line(who: Giver, day: dt.date) -> BankLine:
    return BankLine(
        id=int(f"7702{who.phone[-3:]}"),  # long enough to be known again on a page
        key=who.email,
        account=ACCOUNT,
        on_day=day,
        pence=2_300,
        type="FPI",
        text=who.name.upper(),
        reference=who.words,
        folded=fold(who.name),
        balance_pence=None,
        raw=who.name.upper(),
        doubt=False,
        state="waiting",
        imported_at=dt.datetime.combine(day, dt.time(), dt.UTC),
    )


def an_applicant(session: Session, beside: Member, now: dt.datetime) -> uuid.UUID:
    """Let somebody wait to be accepted who may be the same as a member; return the id."""
    first = beside.name.split()[0]
    new = make_member(session, state="applied", email=f"second.{beside.email}", name=f"{first} Two")
    new.region_id, new.branch_id = beside.region_id, beside.branch_id
    new.waiting_since, new.joined_at = now, None
    pay(session, new, now)
    alike(session, new.id, beside.id, now)
    return new.id


def alike(session: Session, newer: uuid.UUID, older: uuid.UUID, now: dt.datetime) -> None:
    """Note that two may be one person."""
    session.add(Likeness(newer_id=newer, older_id=older, why="name-postcode", noticed_at=now))
    session.flush()


def a_request(session: Session, who: Giver, now: dt.datetime) -> int:
    """Let somebody ask us to put right what we hold of them; return the request's number."""
    day = now.date()
    request = PrivacyRequest(
        id=int(f"7705{who.phone[-3:]}"),  # long enough to be known again on a page
        kind="correction",
        name=who.name,
        email=who.email,
        email_key=who.email,
        message=f"{who.street}, not what it says; {who.words}",
        form_nonce=who.email,
        asked_at=now,
        asked_on=day,
        due_on=day + dt.timedelta(days=30),
    )
    session.add(request)
    session.flush()
    return request.id


def a_directory(session: Session, admin: uuid.UUID, now: dt.datetime) -> uuid.UUID:
    """Prepare a directory that is as it stands; return the change's number."""
    prepared = DirectoryChange(
        id=uuid.uuid4(),
        account_id=admin,
        made_at=now,
        made_from=version(session),
        files={name: content.decode() for name, content in files_of(session).items()},
    )
    session.add(prepared)
    session.flush()
    return prepared.id


def a_passkey(session: Session, account: uuid.UUID, place: str, now: dt.datetime) -> uuid.UUID:
    """Add a passkey of somebody at the desk; return its id."""
    known_as = f"passkey-{place}"
    passkey = StaffPasskey(
        id=uuid.uuid4(),
        account_id=account,
        credential_id=known_as,
        public_key=known_as,
        sign_count=0,
        name=known_as,
        made_at=now,
    )
    session.add(passkey)
    session.flush()
    return passkey.id


def a_note(session: Session, account: uuid.UUID, who: Giver, now: dt.datetime) -> int:
    """Let somebody at the desk note something about a member; return the note's id."""
    member = session.scalars(select(Member.id).where(Member.email == who.email)).one()
    note = MemberNote(
        id=int(f"7701{who.phone[-3:]}"),  # as of an enquiry
        member_id=member,
        account_id=account,
        kind="note",
        text=who.note,
        at=now,
        nonce=uuid.uuid4(),
    )
    session.add(note)
    session.flush()
    return note.id
