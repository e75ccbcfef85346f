"""The end of an example: everything comes to rest, and the books are held against Stripe's own."""

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import func, select

from core.outbox import OutboxMail
from payments import checking, explaining, totals
from payments.models import Appeal, LedgerTransaction, Payment, Pledge, WebhookEvent
from tests.faults.oracle import assert_same_books
from tests.payments.machine.stage import Stage
from tests.payments.machine.truth import raised

HELD = {
    "nothing is held for a person to look at",
    "no notice is held for a person to look at",
}
A_MOMENT, AN_HOUR = 180, 3600
MOST_ROUNDS = 40
APPEAL = "fighting-fund"


class Visited(Protocol):
    """A Checkout and the page that tells of it."""

    @property
    def session_id(self) -> str:
        """The Checkout."""

    @property
    def thanks(self) -> str:
        """The page."""


class Filled(Protocol):
    """A form and the Checkouts that it led to."""

    @property
    def led_to(self) -> list[str]:
        """The Checkouts."""


def now(stage: Stage) -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.fromtimestamp(stage.sandbox.now(), dt.UTC)


def be_quiet(stage: Stage) -> None:
    """Let nothing more go wrong, and everything that is on its way arrive."""
    stage.controls.clear_knobs()
    stage.blade.ahead = None
    stage.mailer.down = False
    for _ in range(MOST_ROUNDS):
        stage.controls.advance(seconds=A_MOMENT)  # leases run out
        stage.fill_bag()
        quiet = not stage.bag.waiting and not _something_is_due(stage)
        stage.tell_all()
        stage.work()
        if quiet:
            return
    raise AssertionError("it never comes to rest")


def _something_is_due(stage: Stage) -> bool:
    with stage.database.reading() as session:
        due = select(WebhookEvent.id).where(WebhookEvent.due_at.is_not(None))
        return session.scalar(due.limit(1)) is not None


def look_at_all(stage: Stage, visits: Sequence[Visited]) -> None:
    """Every page and every total must be exactly so."""
    held = _held(stage)
    for visit in visits:
        checkout = stage.sandbox.find(visit.session_id)
        assert checkout is not None
        up_to_date = checkout["client_reference_id"] not in held
        stage.look(visit.thanks, visit.session_id, up_to_date=up_to_date)
    answer = stage.get(f"/api/v1/appeals/{APPEAL}")
    assert answer is not None
    found, books = answer.get_json(), stage.books()
    with stage.database.reading() as session:
        appeal = session.scalars(select(Appeal.id).where(Appeal.slug == APPEAL)).one()
        latest = session.scalar(select(func.max(LedgerTransaction.id))) or 0
        kept = totals.total(session, appeal)
        assert kept == totals.in_full(session, appeal, upto=latest)
        gifts = {
            str(pledge.id): pledge.email_key
            for pledge in session.scalars(select(Pledge).where(Pledge.kind != "dues"))
        }
    assert (found["raised_pence"], found["donors"]) == (kept.raised_pence, kept.donors)
    assert found["raised_pence"] == raised(books, set(gifts))
    givers = {
        gifts.get(each["client_reference_id"])
        for each in books["charges"]
        if each["status"] == "succeeded"
    }
    assert found["donors"] == len(givers - {None})


def _held(stage: Stage) -> set[str]:
    with stage.database.reading() as session:
        return {
            str(each)
            for each in session.scalars(select(Pledge.id).where(Pledge.held_because.is_not(None)))
        }


def hold_together(stage: Stage, visits: Sequence[Visited], forms: Sequence[Filled]) -> None:
    """Come to rest, mend what is lacking by the means an operator has, and compare everything."""
    be_quiet(stage)
    stage.run("reconcile", "--days", "400", "--fix")
    stage.controls.advance(seconds=AN_HOUR)  # the longest wait for another try
    be_quiet(stage)
    ran = stage.run("reconcile", "--days", "400")
    assert ran is not None
    assert " 0 differences" in ran[1], ran[1]
    look_at_all(stage, visits)
    books = stage.books()
    with stage.database.reading() as session:
        wrong = [each for each in checking.faults(session) if each.rule not in stage.expected]
        assert wrong == [], wrong
        assert_same_books(session, books)
    _everybody_thanked_once(stage)
    _nobody_paid_twice(stage, forms)
    _every_story_can_be_told(stage)


def _everybody_thanked_once(stage: Stage) -> None:
    """One receipt for each payment; a letter may come again only from who died over it."""
    with stage.database.reading() as session:
        wanted = {f"receipt:{each}" for each in session.scalars(select(Payment.id))}
        rows = session.scalars(select(OutboxMail).where(OutboxMail.template == "receipt")).all()
    assert {row.key for row in rows} == wanted
    assert all(row.done_at is not None for row in rows)
    sent = Counter(
        str(each["Message-ID"]).strip("<>").partition("@")[0] for each in stage.mailer.sent
    )
    for row in rows:
        assert 1 <= sent[row.message_id] <= 1 + stage.kills
    stage.tally["payments"] += len(rows)


def _nobody_paid_twice(stage: Stage, forms: Sequence[Filled]) -> None:
    """A form is paid once at most, however often it was sent."""
    charges = stage.books()["charges"]
    paid = {each["session"] for each in charges if each["status"] == "succeeded"}
    for form in forms:
        assert len(paid & set(form.led_to)) <= 1
    single = Counter(
        each["client_reference_id"]
        for each in charges
        if each["status"] == "succeeded" and each["invoice"] is None
    )
    assert all(count == 1 for count in single.values())


def _every_story_can_be_told(stage: Stage) -> None:
    """Each pledge has its story, and the export has each payment once."""
    day = now(stage).date() + dt.timedelta(days=1)
    ran = stage.run("export", "--from", "2026-01-01", "--to", str(day))
    assert ran is not None
    rows = list(csv.DictReader(io.StringIO(ran[1])))
    with stage.database.reading() as session:
        payments = {str(each.id): each for each in session.scalars(select(Payment))}
        for pledge in session.scalars(select(Pledge.id)):
            assert explaining.explain(session, str(pledge)).steps
    assert sorted(row["id"] for row in rows) == sorted(payments)
    for row in rows:
        assert int(row["amount_pence"]) == payments[row["id"]].amount_pence
