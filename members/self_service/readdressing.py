"""Another e-mail address: asked for here, and theirs once a link that went there is followed.

What was unsubscribed stays so, and what they give goes with them: their own pages are found by the
address alone.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import fingerprints, links, outbox, suppression
from core.addresses import EmailAddress
from core.links import DeadLink
from members.models import EmailChange, Member, MemberPledge
from payments import donors
from payments.models import Pledge
from payments.offline.givers import fold

_PURPOSE = "change-email"
_MOST_AN_HOUR = 3
_HOUR = dt.timedelta(hours=1)


class CannotReaddress(Exception):
    """The address cannot be changed so. `kind` is `same`, or `often` for asked too often."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def ask(
    session: Session,
    member: Member,
    email: EmailAddress,
    *,
    lifetime: dt.timedelta,
    now: dt.datetime,
) -> uuid.UUID:
    """Keep the wish, and send a link to the new address; nothing counts before it is followed.

    `lifetime` is how long it works.

    Raises:
        CannotReaddress: it is so already, or was asked for too often within the hour.
    """
    locked = session.get_one(Member, member.id, with_for_update=True, populate_existing=True)
    if locked.email == email.text:
        raise CannotReaddress("same")
    lately = select(func.count(EmailChange.id)).where(
        or_(EmailChange.member_id == locked.id, EmailChange.email_key == email.key),
        EmailChange.asked_at > now - _HOUR,
    )
    if (session.scalar(lately) or 0) >= _MOST_AN_HOUR:
        raise CannotReaddress("often")
    change = EmailChange(
        id=uuid.uuid4(),
        member_id=locked.id,
        email=email.text,
        email_key=email.key,
        old_email=locked.email,
        old_key=locked.email_key,
        asked_at=now,
        expires_at=now + lifetime,
    )
    session.add(change)
    session.flush()
    values = {"new_address": str(change.id), "minutes": int(lifetime.total_seconds() // 60)}
    key = f"confirm-address:{change.id}"
    outbox.mail(session, "confirm_address", key=key, to=email.text, values=values, now=now)
    return change.id


def token(change_id: uuid.UUID, keys: Sequence[str]) -> str:
    """Return what stands in the letter's link. `keys` are newest first."""
    return links.token(change_id, keys, _PURPOSE)


def read(text: str, keys: Sequence[str]) -> uuid.UUID:
    """Return which wish the token confirms.

    Raises:
        DeadLink: when it is not ours.
    """
    return links.read(text, keys, _PURPOSE)


def waiting(session: Session, change_id: uuid.UUID, *, now: dt.datetime) -> EmailChange:
    """Return a wish that can still be confirmed: the newest of its member, and not too old.

    Raises:
        DeadLink: it cannot.
    """
    change = session.get(EmailChange, change_id, populate_existing=True)
    if change is None or change.confirmed_at is not None or change.expires_at <= now:
        raise DeadLink
    newest = select(func.max(EmailChange.asked_at)).where(EmailChange.member_id == change.member_id)
    member = session.get_one(Member, change.member_id)
    if session.scalar(newest) != change.asked_at or member.email != change.old_email:
        raise DeadLink
    return change


def confirm(
    session: Session, change_id: uuid.UUID, *, keys: Sequence[str], now: dt.datetime
) -> None:
    """Let a member be written to at the new address, once, and say so to the old one.

    Raises:
        DeadLink: the link was used, is too old, or another was asked for since.
    """
    change = waiting(session, change_id, now=now)
    given = _theirs(session, session.get_one(Member, change.member_id))
    member = session.get_one(Member, change.member_id, with_for_update=True, populate_existing=True)
    waiting(session, change_id, now=now)
    if suppression.is_suppressed(session, member.email_key, keys):
        known_as = fingerprints.of_email(change.email_key, keys)[0]
        suppression.suppress(session, known_as, source="moved address", now=now)
    old = member.email
    member.email, member.email_key, member.email_confirmed_at = change.email, change.email_key, now
    change.confirmed_at = now
    donors.readdress(session, given, EmailAddress.parse(change.email))
    values = {"name": member.name}
    key = f"address-changed:{change.id}"
    outbox.mail(session, "address_changed", key=key, to=old, values=values, now=now)
    session.flush()


def _theirs(session: Session, member: Member) -> Sequence[Pledge]:
    """Find and lock what goes with a member: their dues, and what they have given.

    Of an address that members share these are the gifts under their own name.
    """
    shared = select(Member.id).where(Member.email_key == member.email_key, Member.id != member.id)
    others = session.scalars(shared).all()
    agreed = select(MemberPledge).where(MemberPledge.member_id.in_([member.id, *others]))
    dues = {each.pledge_id: each.member_id for each in session.scalars(agreed)}
    wanted = select(Pledge).where(Pledge.email_key == member.email_key)
    found = session.scalars(wanted.order_by(Pledge.id).with_for_update(of=Pledge)).all()
    return [
        each
        for each in found
        if dues.get(each.id, member.id) == member.id
        and (each.id in dues or not others or fold(each.name) == fold(member.name))
    ]
