"""Reconciling on a clock: the worker compares the last days every hour, and mends what it can."""

import datetime as dt
import logging
from collections.abc import Iterator

from sqlalchemy import select

from core import clock
from core.database import insert_once, reading, transaction
from payments import settling
from payments.gateway import Gateway, GatewayUnavailable, PaymentRefused
from payments.models import Sweep, WebhookEvent
from payments.reconciling.comparing import Round, walk
from payments.reconciling.differences import Difference

_log = logging.getLogger(__name__)
EVERY = dt.timedelta(hours=1)
_LOOK_BACK = dt.timedelta(days=3)
NAME = "reconcile"
"""The row of `Sweep` that says when the last comparison began."""


class Regular:
    """A job for the worker: one page of a comparison at a time, so that nothing waits for the end.

    A comparison begins an hour after the one before, whichever worker did that, and an hour after
    the very first start.
    """

    def __init__(self, gateway: Gateway, rules: settling.Rules) -> None:
        self._gateway, self._rules = gateway, rules
        self._under_way: Iterator[list[Difference]] | None = None
        self._rests_until: dt.datetime | None = None

    def __call__(self) -> int:
        """Do the next page, if it is time; say whether there was anything to do."""
        if self._under_way is None and not self._begins(clock.now()):
            return 0
        if _notices_wait():  # they come first: they are what the comparison would find lacking
            return 0
        try:
            page = next(self._under_way, None) if self._under_way else None
        except (GatewayUnavailable, PaymentRefused) as error:
            _log.warning("books not compared with Stripe's", extra={"error": str(error)})
            page = None
        except Exception:
            self._under_way = None
            raise
        if page is None:
            self._under_way = None
            return 0
        for difference in page:
            _tell(difference)
        return 1

    def _begins(self, now: dt.datetime) -> bool:
        if self._rests_until is not None and now < self._rests_until:
            return False
        with transaction() as session:
            first = insert_once(session, Sweep, {"name": NAME, "done_until": now}, unique="name")
            row = session.scalars(select(Sweep).where(Sweep.name == NAME).with_for_update()).one()
            begins = not first and row.done_until + EVERY <= now
            row.done_until = now if begins else row.done_until
            self._rests_until = row.done_until + EVERY
        if begins:
            round_ = Round(self._rules, since=now - _LOOK_BACK, fix=True, begun=now)
            self._under_way = walk(self._gateway, round_)
        return begins


def _notices_wait() -> bool:
    with reading() as session:
        waits = select(WebhookEvent.id).where(WebhookEvent.due_at <= clock.now()).limit(1)
        return session.scalar(waits) is not None


def _tell(difference: Difference) -> None:
    """Log what was mended as a warning, and what was not as an error; ids alone."""
    extra = {"kind": difference.kind.value, "payment": difference.name}
    if difference.pledge_id is not None:
        extra["pledge"] = str(difference.pledge_id)
    if difference.mended:
        _log.warning("books made to agree with Stripe's", extra=extra)
    else:
        _log.error("books do not agree with Stripe's", extra=extra)
