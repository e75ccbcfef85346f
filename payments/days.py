"""Days: what each day of London's moved, added up once and kept, so that a month is quick to state.

Up to some ledger transaction the sums of `LedgerDay` are kept; what was booked since is added each
time. A movement belongs to the day it happened, whenever we were told, so a late one is added to a
day long over. Nothing is counted up as it happens: the sums can be thrown away, and the check of
the books proves them.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, select
from sqlalchemy.orm import Session, aliased

from core import clock
from core.clock import LONDON, day_in_london
from core.database import insert_once, transaction
from payments import totals
from payments.models import LedgerDay, LedgerDaysKept, LedgerEntry, LedgerTransaction, Payment

AT_ONCE = 5_000
"""So many ledger transactions are added up in one transaction of the database."""

_BATCHES = 20


@dataclass(frozen=True, slots=True)
class Sum:
    """What movements of a kind did to an account. Pence; what left the account is below nothing.

    `purpose`, `appeal_id` and `method` are as in `LedgerDay`.
    """

    account: str
    kind: str
    purpose: str
    appeal_id: int
    method: str
    count: int
    pence: int


def between(
    session: Session, first: dt.date, after: dt.date, accounts: Collection[str]
) -> list[Sum]:
    """Return what the days from `first` to before `after` moved in these accounts."""
    of_days = [LedgerDay.account.in_(accounts), LedgerDay.day >= first, LedgerDay.day < after]
    upto, kept = _kept(session, of_days)
    moved_at = LedgerTransaction.moved_at
    moved = [moved_at >= _midnight(first), moved_at < _midnight(after)]
    fresh = _fresh(session, upto, LedgerEntry.account.in_(accounts), *moved)
    return _together([*kept, *fresh])


def held_before(session: Session, day: dt.date) -> int:
    """Return what Stripe held for us as a day began, in pence."""
    upto, kept = _kept(session, [LedgerDay.account == "stripe", LedgerDay.day < day])
    moved = LedgerTransaction.moved_at < _midnight(day)
    fresh = _fresh(session, upto, LedgerEntry.account == "stripe", moved)
    return sum(int(row[-1]) for row in (*kept, *fresh))


def keep(session: Session, *, now: dt.datetime, most: int = AT_ONCE) -> int:
    """Add up what can no longer change, so many ledger transactions at most; say of how many."""
    kept = _locked(session)
    settled = totals.settled(session, now=now)
    upto = min(settled, kept.upto + most)
    if upto <= kept.upto:
        return 0
    ids = LedgerEntry.transaction_id
    which = [ids > kept.upto, ids <= upto]
    counts: Counter[tuple[Any, ...]] = Counter()
    sums: Counter[tuple[Any, ...]] = Counter()
    for moved_at, pence, *names in session.execute(_entries(which, *_of_one())):
        key = (day_in_london(moved_at), *names)
        counts[key] += 1
        sums[key] += pence
    for (day, account, *others), count in counts.items():
        _add(session, (account, day, *others), count, sums[(day, account, *others)])
    done = upto - kept.upto
    kept.upto = upto
    session.flush()
    return done


def method_known(session: Session, payment: Payment, method: str) -> None:
    """Keep how a payment came, told after it was booked, and move its sums to that method."""
    kept = _locked(session)
    which = [LedgerTransaction.payment_id == payment.id, LedgerTransaction.id <= kept.upto]
    for moved_at, pence, account, kind, purpose, appeal_id, before in session.execute(
        _entries(which, *_of_one())
    ).all():
        key = (account, day_in_london(moved_at), kind, purpose, appeal_id)
        _add(session, (*key, before), -1, -pence)
        _add(session, (*key, method), 1, pence)
    payment.method = method
    session.flush()


def forget(session: Session) -> None:
    """Throw the kept sums away; the worker adds them up anew."""
    _locked(session).upto = 0
    session.execute(delete(LedgerDay))


def keep_due() -> int:
    """Keep the running application's sums; for the worker, whose other jobs wait a little for it.

    Books that are new to it, with millions of movements, take an hour or so, a piece each time.
    """
    for _batch in range(_BATCHES):
        with transaction() as session:
            done = keep(session, now=clock.now())
        if done < AT_ONCE:
            break
    return 0


def _kept(
    session: Session, which: Sequence[ColumnElement[bool]]
) -> tuple[int, list[tuple[Any, ...]]]:
    """Return up to where the sums go, and those wanted: read at once, for both change together."""
    named = _named(LedgerDay)
    count, pence = func.sum(LedgerDay.count), func.sum(LedgerDay.pence)
    wanted = (
        select(LedgerDaysKept.upto, *named, count, pence)
        .select_from(LedgerDaysKept)
        .outerjoin(LedgerDay, and_(*which))
        .group_by(LedgerDaysKept.upto, *named)
    )
    rows = session.execute(wanted).all()
    return (rows[0][0] if rows else 0), [tuple(row[1:]) for row in rows if row[1] is not None]


def _fresh(session: Session, upto: int, *which: ColumnElement[bool]) -> list[Any]:
    """Add up what was booked since the sums were kept."""
    named = _of_entries()
    count, pence = func.count(), func.sum(LedgerEntry.pence)
    wanted = _entries([LedgerEntry.transaction_id > upto, *which], *named, count, pence)
    return list(session.execute(wanted.group_by(*named)).all())


def _entries(which: Iterable[ColumnElement[bool]], *columns: Any) -> Select[Any]:  # noqa: ANN401 -- columns of any type
    """Ask for entries, each with the purpose of its movement and the method of its payment."""
    return (
        select(*columns)
        .select_from(LedgerEntry)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .outerjoin(Payment, Payment.id == LedgerTransaction.payment_id)
        .outerjoin(
            _PURPOSE,
            (_PURPOSE.transaction_id == LedgerTransaction.id)
            & _PURPOSE.account.in_(("gifts", "dues")),
        )
        .where(*which)
    )


_PURPOSE = aliased(LedgerEntry)


def _of_one() -> tuple[Any, ...]:
    return LedgerTransaction.moved_at, LedgerEntry.pence, *_of_entries()


def _of_entries() -> tuple[Any, ...]:
    """Return what names a sum, of entries: the account first."""
    return (
        LedgerEntry.account,
        LedgerTransaction.kind,
        func.coalesce(_PURPOSE.account, ""),
        func.coalesce(_PURPOSE.appeal_id, 0),
        func.coalesce(Payment.method, ""),
    )


def _named(of: type[LedgerDay]) -> tuple[Any, ...]:
    return of.account, of.kind, of.purpose, of.appeal_id, of.method


def _together(rows: Iterable[Any]) -> list[Sum]:
    """Add kept sums and fresh ones of one name together."""
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for *names, count, pence in rows:
        before = found.get(tuple(names), (0, 0))
        found[tuple(names)] = (before[0] + int(count), before[1] + int(pence))
    return [
        Sum(account, kind, purpose, appeal_id, method, count, pence)
        for (account, kind, purpose, appeal_id, method), (count, pence) in sorted(found.items())
    ]


def _add(session: Session, key: tuple[Any, ...], count: int, pence: int) -> None:
    """Add to one sum, whose row goes when nothing is left of it; the caller has the lock."""
    row = session.get(LedgerDay, key)
    if row is None:
        account, day, kind, purpose, appeal_id, method = key
        row = LedgerDay(
            account=account,
            day=day,
            kind=kind,
            purpose=purpose,
            appeal_id=appeal_id,
            method=method,
            count=0,
            pence=0,
        )
        session.add(row)
    row.count += count
    row.pence += pence
    if row.count == 0:
        session.delete(row)
    session.flush()


def _locked(session: Session) -> LedgerDaysKept:
    """Return up to where the sums go; who adds to them, or moves one, does so alone."""
    insert_once(session, LedgerDaysKept, {"id": 1, "upto": 0}, unique="id")
    return session.get_one(LedgerDaysKept, 1, with_for_update=True, populate_existing=True)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON)
