"""Importing: the lines of a statement are kept, each once, however often files overlap.

Lines of one day that say the same are told apart by counting them: the second of two like lines is
the second in every file that holds both. A bank's running balance tells more: where a like line
comes with another balance than the one that is kept, the books cannot know whether it is another
line (a file that begins in the middle of a day) or the same in another order. It is then kept as
doubtful, and a person decides.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.database import insert_once
from payments import settling
from payments.models import BankAccount, BankLine
from payments.offline import sorting
from payments.offline.booking import fingerprint
from payments.offline.sorting import Sorted, Watch
from payments.offline.statements import StatementLine, fold


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: how many lines were new, known already, and doubtful among the new."""

    fresh: int
    known: int
    doubtful: int
    sorted: Sorted


def keep(
    session: Session,
    account: str,
    lines: Sequence[StatementLine],
    *,
    rules: settling.Rules,
    now: dt.datetime,
    watch: Watch = iter,
) -> Imported:
    """Keep the lines that are not kept yet, and book those of which it is certain what they are.

    `watch` hands on the lines that are booked, and may show how far it is.
    """
    insert_once(session, BankAccount, {"name": account}, unique="name")
    lock = select(BankAccount).where(BankAccount.name == account).with_for_update()
    session.scalars(lock).one()
    before = session.scalar(select(func.max(BankLine.id))) or 0
    rows = list(_fresh(session, account, lines, now))
    if rows:
        session.execute(insert(BankLine), rows)
    found = sorting.sort(session, account, after=before, rules=rules, watch=watch, now=now)
    doubtful = sum(bool(row["doubt"]) for row in rows)
    return Imported(len(rows), len(lines) - len(rows), doubtful, found)


def _fresh(
    session: Session, account: str, lines: Sequence[StatementLine], now: dt.datetime
) -> Iterator[dict[str, object]]:
    """Give the rows of the lines that are not kept yet."""
    groups: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        groups[_content(account, line)].append(line)
    kept = _kept(session, account, lines)
    for content, alike in groups.items():
        number, others = len(kept[content]), list(kept[content])
        unknown = []
        for line in alike:  # first those that are the very same, balance included
            if line.balance_pence in others:
                others.remove(line.balance_pence)
            else:
                unknown.append(line)
        for line in unknown:
            beside = [others.pop(0)] if others else []
            if beside and None in (beside[0], line.balance_pence):
                continue  # without a balance to tell them apart they are the same by the count
            number += 1
            yield _row(account, line, f"{content}:{number}", now, doubt=bool(beside))


def _kept(
    session: Session, account: str, lines: Sequence[StatementLine]
) -> dict[str, list[int | None]]:
    """Return the balances of the lines kept of these days, by what the lines say."""
    found: dict[str, list[int | None]] = defaultdict(list)
    days = [line.on_day for line in lines]
    wanted = select(BankLine.key, BankLine.balance_pence).where(
        BankLine.account == account, BankLine.on_day >= min(days), BankLine.on_day <= max(days)
    )
    for key, balance in session.execute(wanted.order_by(BankLine.id)):
        found[key.partition(":")[0]].append(balance)
    return found


def _content(account: str, line: StatementLine) -> str:
    return fingerprint(account, line.on_day, line.pence, fold(line.type), line.folded)


def _row(
    account: str, line: StatementLine, key: str, now: dt.datetime, *, doubt: bool
) -> dict[str, object]:
    return {
        "key": key,
        "account": account,
        "on_day": line.on_day,
        "pence": line.pence,
        "type": line.type,
        "text": line.text,
        "reference": line.reference,
        "folded": line.folded,
        "balance_pence": line.balance_pence,
        "raw": line.raw,
        "doubt": doubt,
        "state": "waiting" if line.pence > 0 else "out",
        "imported_at": now,
    }
