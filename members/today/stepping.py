"""Stepping: saying what came of a card, taking it back, and saying that one is on it.

Whoever acts on a card locks it first, so that of two who do at one moment the second is told.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import insert_once
from members.enquiries import Enquirer
from members.models import Member
from members.today import rules
from members.today.records import FollowUp, FollowUpNote, FollowUpStep, key_of
from staff import auditing
from staff.auditing import Subject
from staff.principal import Principal
from staff.scoping import scoped


class StaleCard(Exception):
    """Somebody has done something with the card since the page was made."""


class NotYours(Exception):
    """The step was taken by somebody else, who alone may take it back."""


class OvertakenStep(Exception):
    """Something has come of the card since the step, so it is no longer the last."""


class AlreadyOnIt(Exception):
    """Somebody else has said that they are on it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a card. `nonce` is the number of the form; `day` when they will come."""

    step: str
    nonce: uuid.UUID
    day: dt.date | None = None
    note: str = ""


def touch(
    session: Session, principal: Principal, reason: str, subject: Member | Enquirer
) -> FollowUp:
    """Return the row of a card whose subject was found in scope, locked; it is made if need be."""
    key = key_of(reason, subject.id)
    is_member = isinstance(subject, Member)
    row = {
        "key": key,
        "reason": reason,
        "member_id": subject.id if is_member else None,
        "enquiry_id": None if is_member else subject.id,
        "region_id": subject.region_id,
        "branch_id": subject.branch_id,
        "version": 0,
    }
    insert_once(session, FollowUp, row, unique="key")
    wanted = select(FollowUp).where(FollowUp.key == key).with_for_update()
    return session.scalars(
        scoped(wanted, principal).execution_options(populate_existing=True)
    ).one()


def take(
    session: Session,
    principal: Principal,
    subject: Member | Enquirer,
    card: FollowUp,
    step: Step,
    *,
    seen: int,
    now: dt.datetime,
) -> FollowUpStep:
    """Write down what came of a card that is locked; the form that is sent twice does it once.

    Raises:
        StaleCard: it is no longer at the version `seen` that the form was made from.
    """
    nonce = _number(principal, card, step.nonce)
    done = session.scalar(select(FollowUpStep).where(FollowUpStep.nonce == nonce))
    if done is not None:
        return done
    if card.version != seen:
        raise StaleCard("was touched meanwhile")
    if step.step == "wrong-number":
        card.wrong_phone = subject.phone
    taken = _add(session, principal, card, step.step, nonce, now=now, day=step.day)
    if step.note:
        session.add(FollowUpNote(step_id=taken.id, text=step.note))
    _stand(session, card, subject)
    _record(session, principal, subject, step.step, now)
    return taken


def undo(
    session: Session,
    principal: Principal,
    subject: Member | Enquirer,
    card: FollowUp,
    step_id: int,
    *,
    now: dt.datetime,
) -> None:
    """Take a step of one's own back from a card that is locked. What was taken back stays so.

    Raises:
        NotYours: somebody else took it.
        OvertakenStep: it is not the last of the card that holds.
    """
    steps = _steps(session, card)
    wanted = next((each for each in steps if each.id == step_id and each.step != rules.UNDO), None)
    if wanted is None:
        raise OvertakenStep("is none of this card's")
    if wanted.account_id != principal.account_id:
        raise NotYours("was taken by somebody else")
    if any(each.undoes_id == step_id for each in steps):
        return
    if rules.holding(_taken(steps))[-1].id != step_id:
        raise OvertakenStep("is not the last")
    nonce = _number(principal, card, uuid.uuid4())
    _add(session, principal, card, rules.UNDO, nonce, now=now, undoes=step_id)
    _stand(session, card, subject)
    _record(session, principal, subject, rules.UNDO, now)


def claim(
    session: Session,
    principal: Principal,
    subject: Member | Enquirer,
    card: FollowUp,
    *,
    now: dt.datetime,
) -> None:
    """Say that one is on a card that is locked. Whoever was, too long ago, is not any more.

    Raises:
        AlreadyOnIt: somebody else is.
    """
    if _is_anothers(principal, card, now):
        raise AlreadyOnIt("is somebody else's for now")
    if not _is_running(card, now):  # else the button was pressed twice
        _record(session, principal, subject, "claim", now)
    card.claimed_by, card.claimed_at = principal.account_id, now


def release(
    session: Session,
    principal: Principal,
    subject: Member | Enquirer,
    card: FollowUp,
    *,
    now: dt.datetime,
) -> None:
    """Say that one is no longer on a card that is locked; whoever else is, stays so.

    Raises:
        AlreadyOnIt: somebody else is.
    """
    if _is_anothers(principal, card, now):
        raise AlreadyOnIt("is somebody else's for now")
    if card.claimed_by is not None:
        card.claimed_by = card.claimed_at = None
        _record(session, principal, subject, "release", now)


def _is_anothers(principal: Principal, card: FollowUp, now: dt.datetime) -> bool:
    return _is_running(card, now) and card.claimed_by != principal.account_id


def _is_running(card: FollowUp, now: dt.datetime) -> bool:
    return card.claimed_at is not None and card.claimed_at > now - rules.CLAIM


def _number(principal: Principal, card: FollowUp, nonce: uuid.UUID) -> uuid.UUID:
    """Return the number of a step: one that somebody made up is good for them alone."""
    return uuid.uuid5(principal.account_id, f"{card.key}:{nonce}")


def _add(  # noqa: PLR0913 -- a row of its own, with all that it says
    session: Session,
    principal: Principal,
    card: FollowUp,
    step: str,
    nonce: uuid.UUID,
    *,
    now: dt.datetime,
    day: dt.date | None = None,
    undoes: int | None = None,
) -> FollowUpStep:
    taken = FollowUpStep(
        follow_up_id=card.id,
        step=step,
        account_id=principal.account_id,
        at=now,
        day=day,
        undoes_id=undoes,
        nonce=nonce,
    )
    session.add(taken)
    card.version += 1
    card.claimed_by = card.claimed_at = None
    session.flush()
    return taken


def _steps(session: Session, card: FollowUp) -> list[FollowUpStep]:
    """Return every step of a card that was found in scope, in their order."""
    wanted = select(FollowUpStep).where(FollowUpStep.follow_up_id == card.id)
    return list(session.scalars(wanted.order_by(FollowUpStep.id)))


def _taken(steps: list[FollowUpStep]) -> list[rules.Taken]:
    return [rules.Taken(each.id, each.step, each.at, each.day, each.undoes_id) for each in steps]


def _stand(session: Session, card: FollowUp, subject: Member | Enquirer) -> None:
    """Let a card stand as its steps say."""
    other_way = isinstance(subject, Member) and bool(subject.email)
    stands = rules.stand(_taken(_steps(session, card)), other_way=other_way)
    last = stands.last
    card.last_step = last.step if last else None
    card.stepped_at = last.at if last else None
    card.day = last.day if last else None
    card.due_at = stands.due_at
    if not stands.stops_calls:
        card.wrong_phone = None
    session.flush()


def _record(
    session: Session,
    principal: Principal,
    subject: Member | Enquirer,
    step: str,
    now: dt.datetime,
) -> None:
    kind = "member" if isinstance(subject, Member) else "enquiry"
    auditing.record(
        session,
        "change",
        by=principal.account_id,
        now=now,
        subject=Subject(kind, subject.id),
        detail=f"today:{step}",
    )
