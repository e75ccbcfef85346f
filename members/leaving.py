"""Leaving: whose dues have ended is no longer a member."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.models import Member, MembershipEvent
from payments.announcements import MonthlyStopped
from payments.models import StopRequest


def leave(session: Session, stopped: MonthlyStopped, now: dt.datetime) -> None:
    """Note that somebody left, once, when their dues have ended.

    The event says whether they stopped here or whether the gateway ended it: there they may have
    cancelled on its own page, or it gave up on the card.
    """
    member = session.scalar(
        select(Member).where(Member.dues_pledge_id == stopped.pledge_id).with_for_update()
    )
    if member is None or member.state == "left":
        return
    asked = session.scalar(select(StopRequest.id).where(StopRequest.pledge_id == stopped.pledge_id))
    why, who = ("stopped dues", "member") if asked else ("dues ended at the gateway", "gateway")
    member.events.append(
        MembershipEvent(from_state=member.state, to_state="left", at=now, why=why, who=who)
    )
    member.state = "left"
    session.flush()
