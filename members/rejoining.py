"""Rejoining: who left or lapsed and sends the form again is the same person, with their history.

Nothing of it shows on any page, and nothing of the older membership changes before the due has been
taken: anybody could send a form, but few would pay another's dues.
"""

import datetime as dt

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core.addresses import EmailAddress
from members import states
from members.models import Consent, Member, MemberPledge, MembershipEvent
from members.records import MemberNote, MemberTransfer
from members.self_service import stopping
from members.standing import reminding
from members.today.records import FollowUp
from payments.models import Pledge

_SAID = (
    *("name", "email", "phone", "address1", "address2", "town", "postcode", "precision"),
    *("branch_id", "region_id", "rate", "dues_pledge_id", "form_nonce"),
)


def former(session: Session, email: EmailAddress, born: dt.date) -> Member | None:
    """Find the membership of whoever sends the form with this address and date of birth.

    It is one that is over, or whose dues are: one that runs is found before this is asked.
    """
    return session.scalar(
        select(Member)
        .join(Member.dues)
        .where(
            Member.email_key == email.key,
            Member.date_of_birth == born,
            Member.state != "applied",
            Member.rejoins_id.is_(None),
            or_(Member.state.in_(states.GONE), Pledge.stopped_at.is_not(None)),
        )
        .order_by(Member.created_at.desc(), Member.id)
        .limit(1)
    )


def take_over(
    session: Session, newer: Member, *, paid_at: dt.datetime, why: str, who: str, now: dt.datetime
) -> Member | None:
    """Let the older membership take over what the newer form said; return it.

    Both rows are locked, and the newer is gone afterwards; older dues that still run are stopped.
    None where the older has begun again meanwhile, by another form: then the newer stands for
    itself, and an organiser sees that the two are alike.
    """
    older = session.get_one(Member, newer.rejoins_id, with_for_update=True, populate_existing=True)
    before = session.get_one(Pledge, older.dues_pledge_id)
    answers, newer.answers, newer.rejoins_id = newer.answers or [], None, None
    if older.state not in states.GONE and before.stopped_at is None:
        _answer(session, newer, answers)
        return None
    said = {name: getattr(newer, name) for name in _SAID}
    _let_go(session, newer, older)
    for name, value in said.items():
        setattr(older, name, value)
    older.joined_at = older.joined_at or paid_at
    older.unpaid_at = older.retry_at = None
    session.flush()
    _answer(session, older, answers)
    reminding.take_back(session, older.id, "joined again")
    if before.stopped_at is None and before.state == "paid":
        stopping.ask(session, before.id, now=now)
    if older.state in states.GONE:
        states.rejoin(session, older, why=f"joined again, {why}", who=who, now=now)
    else:
        states.note(session, older, "rate", why="dues began again", who="applicant", now=now)
    return older


def _let_go(session: Session, newer: Member, older: Member) -> None:
    """Take the newer row out; its agreement is the older one's from now on."""
    session.flush()
    session.execute(
        update(MemberPledge)
        .where(MemberPledge.member_id == newer.id)
        .values(member_id=older.id)
        .execution_options(synchronize_session=False)
    )
    for kind in (MemberNote, MemberTransfer):
        session.execute(
            update(kind)
            .where(kind.member_id == newer.id)
            .values(member_id=older.id)
            .execution_options(synchronize_session=False)
        )
    session.execute(  # what the desk did of the application is history, and asks for nothing more
        update(FollowUp)
        .where(FollowUp.member_id == newer.id)
        .values(member_id=older.id, due_at=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(MembershipEvent)
        .where(MembershipEvent.member_id == newer.id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Member).where(Member.id == newer.id).execution_options(synchronize_session=False)
    )
    session.expunge(newer)


def _answer(session: Session, member: Member, answers: list[dict[str, object]]) -> None:
    """Keep what was answered about consents when the form was sent."""
    session.add_all(
        Consent(
            member_id=member.id,
            channel=str(each["channel"]),
            given=bool(each["given"]),
            wording=str(each["wording"]),
            at=dt.datetime.fromisoformat(str(each["at"])),
            source="join form",
        )
        for each in answers
    )
    session.flush()
