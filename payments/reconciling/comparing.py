"""Comparing what Stripe lists with our books, a page at a time."""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from payments import settling
from payments.gateway import Gateway
from payments.models import Dispute, Payout, Refund
from payments.notices import DisputeState, Notice, PayoutState, RefundState
from payments.reconciling import knowing, ours
from payments.reconciling.differences import Difference, Kind, Tally, difference, is_object
from payments.settling import Applied, Settled

_log = logging.getLogger(__name__)
_PAGE = 100


@dataclass(slots=True)
class Round:
    """One comparison: since when, by what rules, whether to mend, and what was seen so far.

    `lacking` are payments that Stripe has and we do not: what speaks of them is lacking too.
    """

    rules: settling.Rules
    since: dt.datetime
    fix: bool = False
    begun: dt.datetime = field(default_factory=clock.now)
    tally: Tally = field(default_factory=Tally)
    seen: ours.Seen = field(default_factory=ours.Seen)
    lacking: set[str] = field(default_factory=set)


def walk(gateway: Gateway, round_: Round) -> Iterator[list[Difference]]:
    """Compare both ways; give the differences of each page of Stripe's, and then those of ours.

    Between two pages nothing is held open, so a walk may be taken up again whenever it suits.

    Raises:
        GatewayUnavailable: Stripe gave no answer; what was mended until then is kept.
        PaymentRefused: the key may not read one of the lists.
    """
    for page in _pages(gateway.listed(round_.since)):
        yield _counted(round_, _look_at(page, round_))
    yield _counted(
        round_,
        ours.not_at_stripe(round_.seen, since=round_.since, until=round_.begun)
        + ours.not_ended(gateway, round_.seen, until=round_.begun, fix=round_.fix),
    )


def _pages(notices: Iterable[Notice]) -> Iterator[list[Notice]]:
    waiting = iter(notices)
    while page := list(islice(waiting, _PAGE)):
        yield [notice for notice in page if is_object(notice)]


def _counted(round_: Round, found: list[Difference]) -> list[Difference]:
    round_.tally.differences += len(found)
    round_.tally.mended += sum(each.mended for each in found)
    return found


def _look_at(page: Sequence[Notice], round_: Round) -> list[Difference]:
    found = []
    for _kind, same in groupby(page, type):  # one after another: a refund needs its payment
        found += _of_one_kind(list(same), round_)
    return found


def _of_one_kind(notices: Sequence[Notice], round_: Round) -> list[Difference]:
    with reading() as session:
        verdicts = knowing.at_a_glance(session, notices, livemode=round_.rules.livemode)
    pairs = zip(notices, verdicts, strict=True)
    doubtful = iter(_tried([notice for notice, verdict in pairs if verdict is None], round_))
    differing = []
    for notice, verdict in zip(notices, verdicts, strict=True):
        settled = next(doubtful) if verdict is None else Settled(verdict)
        kind = _judged(notice, settled, round_)
        if kind is not None:
            differing.append((notice, kind, settled.pledge_id if settled else None))
    lacking = [notice for notice, kind, _pledge_id in differing if kind is Kind.LACKING]
    mended = _mended(lacking, round_) if round_.fix else []
    return [
        difference(kind, notice, pledge_id=pledge_id, mended=notice in mended)
        for notice, kind, pledge_id in differing
    ]


def _judged(notice: Notice, settled: Settled | None, round_: Round) -> Kind | None:
    """Return how a thing differs, if it does, and remember that Stripe has it."""
    tally, names = round_.tally, _payment_of(notice)
    tally.looked_at += 1
    if settled is None:
        return Kind.NOT_COMPARED
    if settled.applied is Applied.UNKNOWN:
        if names & round_.lacking:
            return Kind.LACKING
        tally.not_ours += 1
        tally.of_lost_pledges += getattr(notice, "pledge_id", None) is not None
        return None
    round_.seen.add(notice)
    if settled.applied is Applied.APPLIED:
        round_.lacking |= names
        return Kind.LACKING
    return Kind.DISAGREES if settled.applied is Applied.HELD else None


def _tried(notices: Sequence[Notice], round_: Round) -> list[Settled | None]:
    """Settle notices and undo each again; None for one that could not be."""
    if not notices:
        return []
    with transaction() as session:
        return [_tried_one(session, notice, round_) for notice in notices]


def _tried_one(session: Session, notice: Notice, round_: Round) -> Settled | None:
    try:
        with session.begin_nested() as undone:
            settled = settling.settle(session, notice, rules=round_.rules, now=clock.now())
            session.flush()
            undone.rollback()
    except OperationalError:
        raise  # the database is away: nothing can be compared
    except Exception as fault:  # noqa: BLE001 -- told as a difference; the others are still compared
        _report("not compared", notice, fault)
        return None
    if settled.applied is Applied.KNOWN and _ahead(session, notice, round_.begun):
        return Settled(Applied.HELD, settled.pledge_id)
    return settled


def _ahead(session: Session, notice: Notice, begun: dt.datetime) -> bool:
    """Say whether our books had a thing further than Stripe has it, before we even looked."""
    match notice:
        case RefundState():
            found = select(Refund.status, Refund.changed_at).where(
                Refund.stripe_refund == notice.refund
            )
        case DisputeState():
            found = select(Dispute.status, Dispute.changed_at).where(
                Dispute.stripe_dispute == notice.dispute
            )
        case PayoutState():
            found = select(Payout.status, Payout.changed_at).where(
                Payout.stripe_payout == notice.payout
            )
        case _:
            return False
    status, changed_at = session.execute(found).one()
    return bool(status != notice.status and changed_at < begun)


def _mended(notices: Sequence[Notice], round_: Round) -> list[Notice]:
    """Settle what is lacking, each in its own transaction; return what our books then know."""
    for notice in notices:
        try:
            with transaction() as session:
                settling.apply(session, notice, rules=round_.rules, now=clock.now())
        except OperationalError:
            raise
        except Exception as fault:  # noqa: BLE001 -- it stays a difference, as looking again shows
            _report("not mended", notice, fault)
    after = zip(notices, _tried(notices, round_), strict=True)
    return [notice for notice, settled in after if settled and settled.applied is Applied.KNOWN]


def _payment_of(notice: Notice) -> set[str]:
    """Return the names of the payment that a notice speaks of."""
    names = (getattr(notice, "payment_intent", None), getattr(notice, "charge", None))
    return {name for name in names if name}


def _report(message: str, notice: Notice, fault: Exception) -> None:
    _log.error(message, exc_info=fault, extra={"payment": notice.subject})
