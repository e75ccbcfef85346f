"""Members with dues in the books, made straight there."""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from members.models import Member, MemberPledge, MembershipEvent
from payments.models import Payment, Pledge

BORN = dt.date(1985, 3, 27)


def make_member(  # noqa: PLR0913 -- each a part of who it is
    session: Session,
    *,
    state: str = "active",
    paid: list[dt.datetime] | None = None,
    email: str = "sam@example.org",
    name: str = "Sam Jones",
    phone: str | None = None,
    pence: int = 1000,
    joined: dt.datetime = dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    stopped: dt.datetime | None = None,
) -> Member:
    pledge = make_pledge(session, email=email, name=name, pence=pence, at=joined, stopped=stopped)
    member = Member(
        id=uuid.uuid4(),
        state=state,
        name=name,
        email=email,
        email_key=email,
        phone=phone,
        date_of_birth=BORN,
        address1="1 High Road",
        address2="",
        town="London",
        postcode="E11 1AA",
        precision="postcode",
        rate="standard",
        dues_pledge_id=pledge.id,
        form_nonce=uuid.uuid4().hex,
        created_at=joined,
        joined_at=joined,
    )
    session.add(member)
    session.flush()
    session.add(MemberPledge(pledge_id=pledge.id, member_id=member.id, since=joined))
    for at in paid or []:
        pay(session, member, at)
    session.flush()
    return member


def make_pledge(
    session: Session,
    *,
    email: str,
    name: str,
    pence: int,
    at: dt.datetime,
    stopped: dt.datetime | None = None,
) -> Pledge:
    pledge_id = uuid.uuid4()
    pledge = Pledge(
        id=pledge_id,
        kind="dues",
        state="paid",
        amount_pence=pence,
        title="Membership dues",
        name=name,
        email=email,
        email_key=email,
        message="",
        display="anonymous",
        source="",
        form_nonce=uuid.uuid4().hex,
        created_at=at,
        stripe_customer=f"cus_{pledge_id.hex}",
        stripe_subscription=f"sub_{pledge_id.hex}",
        stopped_at=stopped,
    )
    session.add(pledge)
    session.flush()
    return pledge


def pay(
    session: Session, member: Member, at: dt.datetime, *, pence: int = 1000, cash: bool = False
) -> Payment:
    latest = session.scalars(
        select(Payment.number).where(Payment.pledge_id == member.dues_pledge_id)
    ).all()
    payment = Payment(
        id=uuid.uuid4(),
        pledge_id=member.dues_pledge_id,
        number=max(latest, default=0) + 1,
        kind="dues",
        amount_pence=pence,
        currency="GBP",
        paid_at=at,
        booked_at=at,
        method="cash" if cash else "card",
        invoice=None if cash else f"in_{uuid.uuid4().hex}",
    )
    session.add(payment)
    session.flush()
    return payment


def state_of(database: Database, member: Member) -> str:
    with database.reading() as session:
        return session.get_one(Member, member.id).state


def events_of(database: Database, member: Member) -> list[tuple[str, str | None, str, str]]:
    with database.reading() as session:
        rows = session.scalars(
            select(MembershipEvent)
            .where(MembershipEvent.member_id == member.id)
            .order_by(MembershipEvent.id)
        )
        return [(row.kind, row.from_state, row.to_state, row.who) for row in rows]
