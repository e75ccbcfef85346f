"""What the tests of offline money have in common."""

import datetime as dt
import re

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments import checking, totals
from payments.models import Appeal, BankLine, Payment
from payments.offline import entering, hand, importing, statements
from payments.offline.entering import Draft
from payments.offline.importing import Imported
from tests.fakes import START
from tests.payments.factories import make_rules

TODAY = START.date()
FUND = {"method": "cash", "amount": "25", "received": "2026-11-20", "appeal": "fund"}
HEADER = "Date,Type,Description,Reference,Amount,Balance"


def make_fund(session: Session, slug: str = "fund", ends: dt.date | None = None) -> Appeal:
    found = Appeal(
        slug=slug,
        title=slug.replace("-", " ").title(),
        blurb="",
        target_pence=100,
        starts=dt.date(2026, 1, 1),
        ends=ends,
    )
    session.add(found)
    session.flush()
    return found


def spelled(text: str) -> str | None:
    return text.upper() if re.fullmatch(r"[A-Za-z0-9]{2,4} [0-9][A-Za-z]{2}", text) else None


def draft(**but: str) -> Draft:
    return entering.read({**FUND, **but}, today=TODAY, spelled=spelled)


def enter(session: Session, **but: str | bool) -> Payment:
    rules, again = make_rules(), bool(but.pop("again", False))
    (entered,) = hand.enter(
        session,
        [draft(**{key: str(value) for key, value in but.items()})],
        again=again,
        rules=rules,
        now=START,
    )
    return entered.payment


def bank_file(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def take(session: Session, *rows: str, **but: object) -> Imported:
    """Import a file of these rows."""
    lines = statements.read(bank_file(*rows), today=TODAY)
    rules = but.get("rules") or make_rules()
    return importing.keep(session, "current", lines, rules=rules, now=START)  # type: ignore[arg-type]  # whatever the test wants


def only_line(session: Session) -> BankLine:
    return session.scalars(select(BankLine).order_by(BankLine.id.desc()).limit(1)).one()


def raised(session: Session, slug: str = "fund") -> tuple[int, int]:
    """Return what an appeal has raised, and its donors."""
    appeal = session.scalars(select(Appeal).where(Appeal.slug == slug)).one()
    found = totals.total(session, appeal.id)
    return found.raised_pence, found.donors


def sound(session: Session) -> None:
    """Assert that the books agree."""
    session.flush()
    assert checking.faults(session) == []


def run(app: Flask, *words: str, typed: str | bytes | None = None) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["payments", "offline", *words], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output
