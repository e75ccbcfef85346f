"""Consent: a ledger that only grows, and which of its answers holds.

The newest answer of a channel holds, and the sentence it was given to is kept beside it. An address
that was unsubscribed gets nothing, whatever was answered before. Who is under 18 gets nothing but
what their membership needs, whatever they ticked.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import fingerprints, suppression
from core.clock import day_in_london
from members import ages, texts
from members.models import CHANNELS, Consent, Member


def is_minor(member: Member, *, today: dt.date) -> bool:
    """Whether a member is under 18 on a day in Britain."""
    return ages.is_minor(member.date_of_birth, today=today)


def answers(session: Session, member: Member, *, keys: Sequence[str]) -> Mapping[str, Consent]:
    """Return the newest answer of each channel that was ever asked about.

    One for e-mail does not hold while the address is unsubscribed.
    """
    rows = select(Consent).where(Consent.member_id == member.id).order_by(Consent.id)
    found = {each.channel: each for each in session.scalars(rows)}
    if "email" in found and suppression.is_suppressed(session, member.email_key, keys):
        del found["email"]
    return found


def may(
    session: Session, member: Member, channel: str, *, keys: Sequence[str], now: dt.datetime
) -> bool:
    """Whether a member may be sent news and appeals in this way."""
    if is_minor(member, today=day_in_london(now)):
        return False
    given = answers(session, member, keys=keys).get(channel)
    return given is not None and given.given


def change(
    session: Session,
    member: Member,
    wishes: Mapping[str, bool],
    *,
    wordings: Mapping[str, str],
    source: str,
    keys: Sequence[str],
    now: dt.datetime,
) -> list[str]:
    """Add an answer for each channel whose answer changes; return those channels.

    Two who change it at one moment wait for each other by the member's row.
    """
    session.get_one(Member, member.id, with_for_update=True)
    held = answers(session, member, keys=keys)
    changed = [
        each for each in CHANNELS if wishes[each] != (held[each].given if each in held else False)
    ]
    for channel in changed:
        if channel == "email":
            _subscribe(session, member, keys, now, wanted=wishes[channel])
        if channel == "text" and not wishes[channel]:
            texts.take_back(session, member.id, "wishes for no texts")
        session.add(
            Consent(
                member_id=member.id,
                channel=channel,
                given=wishes[channel],
                wording=wordings[channel],
                at=now,
                source=source,
            )
        )
    session.flush()
    return changed


def unsubscribe(
    session: Session, address_hash: str, member_id: uuid.UUID | None, *, now: dt.datetime
) -> None:
    """Send nothing more to an address, and note it where we know whose it is; once."""
    new = suppression.suppress(session, address_hash, source="unsubscribed", now=now)
    member = session.get(Member, member_id) if new and member_id is not None else None
    if member is not None:
        session.add(
            Consent(
                member_id=member.id,
                channel="email",
                given=False,
                wording="List-Unsubscribe",
                at=now,
                source="unsubscribe",
            )
        )
        session.flush()


def version(wording: str) -> str:
    """Return the short name of a wording, the same for the same sentence."""
    return hashlib.sha256(wording.encode()).hexdigest()[:8]


def _subscribe(
    session: Session, member: Member, keys: Sequence[str], now: dt.datetime, *, wanted: bool
) -> None:
    if wanted:
        suppression.lift(session, member.email_key, keys)
    else:
        known_as = fingerprints.of_email(member.email_key, keys)[0]
        suppression.suppress(session, known_as, source="own pages", now=now)
