"""Deciding: which of two records' dues, state and answers hold once they are one person's."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import fingerprints, suppression
from members import states
from members.models import Consent, Member, MemberPledge
from payments.models import Checkout, Pledge
from payments.offline import agreeing

_TAKING = ("confirming", "paid", "held")
_RANK = {"applied": 0, "left": 1, "lapsed": 2, "arrears": 3, "active": 4}
_OFFICE = "office"


class CannotMerge(ValueError):
    """The two cannot be made one now; `why` names the words for it.

    `same`: they are one already. `no-such-member`: there is none of an id. `merged`: that record
    became one with another, `kept`. `two-dues`: both pay at the gateway, and one has to be stopped
    first. `under-way`: a payment page is open. `rejoining`: one is about to become one with a
    record by itself.
    """

    def __init__(self, why: str, kept: uuid.UUID | None = None) -> None:
        super().__init__(why)
        self.why, self.kept = why, kept


def lock_agreements(session: Session, members: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Pledge]:
    """Lock every agreement of these members, by their ids; whoever books money waits, or is past.

    Pledges are locked before members everywhere, so that two never wait for each other.
    """
    theirs = select(MemberPledge.pledge_id).where(MemberPledge.member_id.in_(members))
    locked = (
        select(Pledge)
        .where(Pledge.id.in_(theirs))
        .order_by(Pledge.id)
        .with_for_update(of=Pledge)
        .execution_options(populate_existing=True)
    )
    return {each.id: each for each in session.scalars(locked)}


def check_dues(
    session: Session,
    agreed: Mapping[uuid.UUID, Pledge],
    keep: Member,
    lost: Member,
    now: dt.datetime,
) -> None:
    """Refuse where one person would pay twice, or may be about to.

    Raises:
        CannotMerge: see there.
    """
    if keep.rejoins_id is not None or lost.rejoins_id is not None:
        raise CannotMerge("rejoining")
    taking = [each for each in agreed.values() if _is_taken_at_the_gateway(each)]
    if len(taking) > 1:
        raise CannotMerge("two-dues")
    open_page = select(Checkout.id).where(
        Checkout.pledge_id.in_(agreed), Checkout.state == "open", Checkout.expires_at > now
    )
    if session.scalar(open_page.limit(1)) is not None:
        raise CannotMerge("under-way")


def choose_dues(session: Session, keep: Pledge, lost: Pledge, now: dt.datetime) -> Pledge:
    """Return the agreement that is the person's from now on; one past the gateway beside it ends.

    What the gateway takes goes before what comes past it, that before what only waits, and the kept
    one's before the other's.
    """
    chosen = lost if _running(lost) > _running(keep) else keep
    other = keep if chosen is lost else lost
    if other.stripe_subscription is None and other.stopped_at is None and _running(chosen):
        agreeing.end(session, other, now=now)
    return chosen


def take_state(session: Session, keep: Member, before: str, *, why: str, now: dt.datetime) -> None:
    """Let the kept one be what the other was, where that is more of a member. It has joined then.

    How they stand is read from the books afterwards.
    """
    if _RANK[before] <= _RANK[keep.state]:
        return
    way = [before] if before in ("active", "left") or keep.state == "lapsed" else ["active", before]
    for state in way:
        states.change(session, keep, state, why=why, who=_OFFICE, now=now)


def answers(session: Session, member_id: uuid.UUID) -> dict[str, Consent]:
    """Return the newest answer of each channel."""
    rows = select(Consent).where(Consent.member_id == member_id).order_by(Consent.id)
    return {each.channel: each for each in session.scalars(rows)}


def refuse_what_either_refused(
    session: Session,
    member_id: uuid.UUID,
    either: Sequence[Mapping[str, Consent]],
    *,
    now: dt.datetime,
) -> None:
    """Let a no stand that either record's newest answer is, whichever came later."""
    held = answers(session, member_id)
    for channel, answer in held.items():
        noes = [each[channel] for each in either if channel in each and not each[channel].given]
        if answer.given and noes:
            session.add(
                Consent(
                    member_id=member_id,
                    channel=channel,
                    given=False,
                    wording=noes[0].wording,
                    at=now,
                    source="merged",
                )
            )
    session.flush()


def suppress_either(
    session: Session, keep: str, lost: str, keys: Sequence[str], *, now: dt.datetime
) -> None:
    """Send no news to the kept address either, where the other one wanted none."""
    if suppression.is_suppressed(session, lost, keys):
        known_as = fingerprints.of_email(keep, keys)[0]
        suppression.suppress(session, known_as, source="merged", now=now)


def _is_taken_at_the_gateway(pledge: Pledge) -> bool:
    at_gateway = pledge.stripe_subscription is not None or pledge.state in ("confirming", "held")
    return pledge.stopped_at is None and at_gateway


def _running(pledge: Pledge) -> int:
    if pledge.stopped_at is not None:
        return 0
    if _is_taken_at_the_gateway(pledge):
        return 3
    return 2 if pledge.state in _TAKING else 1
