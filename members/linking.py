"""Links that anybody can have sent to an address: at most three an hour, told to nobody."""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import links

_MOST_AN_HOUR = 3
_HOUR = dt.timedelta(hours=1)


def mint(
    session: Session, email_key: str, *, lifetime: dt.timedelta, now: dt.datetime
) -> uuid.UUID | None:
    """Make a link for this address, or None where it had three within the hour.

    The links in receipts and welcome letters live longer and are not counted: nobody can have
    those sent by asking.
    """
    recent = session.scalars(
        select(links.AccessLink).where(
            links.AccessLink.email == email_key, links.AccessLink.created_at > now - _HOUR
        )
    )
    asked_for = [link for link in recent if link.expires_at - link.created_at <= lifetime]
    if len(asked_for) >= _MOST_AN_HOUR:
        return None
    return links.mint(session, email_key, lifetime=lifetime, now=now)
