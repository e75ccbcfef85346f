"""Carrying: what the desk did of a record that becomes one with another goes on there."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.models import Member
from members.today.records import FollowUp, key_of


def carry(session: Session, lost: Member, keep: Member) -> None:
    """Let the cards of `lost` be those of `keep`; both are locked.

    Where there is a card for the same reason of each, the one that was stepped on last says how
    the kept one stands, and when it is due again; the other's steps stay as history. Whoever has
    the kept card open is told that something has happened.
    """
    wanted = select(FollowUp).where(FollowUp.member_id.in_([lost.id, keep.id]))
    cards = session.scalars(wanted.order_by(FollowUp.id).with_for_update()).all()
    kept = {each.reason: each for each in cards if each.key == key_of(each.reason, keep.id)}
    for card in cards:
        if card.member_id != lost.id:
            continue
        card.region_id, card.branch_id = keep.region_id, keep.branch_id
        theirs = kept.get(card.reason)
        if theirs is None and card.key == key_of(card.reason, lost.id):
            card.key = key_of(card.reason, keep.id)
        elif theirs is not None:
            _take_over(theirs, card)
        else:
            card.due_at = None
    session.flush()


def _take_over(theirs: FollowUp, card: FollowUp) -> None:
    later = card.stepped_at is not None and (
        theirs.stepped_at is None or card.stepped_at > theirs.stepped_at
    )
    if later:
        theirs.last_step, theirs.stepped_at = card.last_step, card.stepped_at
        theirs.day, theirs.due_at = card.day, card.due_at
        theirs.version += 1
    card.due_at = None
