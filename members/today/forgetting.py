"""Forgetting: what the desk wrote of who texted goes when they are forgotten; the steps stay."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from members.today.records import FollowUp, FollowUpNote, FollowUpStep


def forget(session: Session, enquiries: Sequence[int]) -> None:
    """Take the personal words out of the cards of these enquiries, which ask for nothing more.

    That somebody was rung, when, and what came of it stays for counting.
    """
    cards = select(FollowUp.id).where(FollowUp.enquiry_id.in_(enquiries))
    steps = select(FollowUpStep.id).where(FollowUpStep.follow_up_id.in_(cards))
    session.execute(
        delete(FollowUpNote)
        .where(FollowUpNote.step_id.in_(steps))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(FollowUp)
        .where(FollowUp.enquiry_id.in_(enquiries))
        .values(wrong_phone=None, due_at=None)
        .execution_options(synchronize_session=False)
    )
