"""Our books against Stripe's, both ways: what is found, what is mended, what stays."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from payments import checking, reconciling, settling
from payments.models import (
    Dispute,
    FraudWarning,
    Payment,
    Payout,
    Pledge,
    Refund,
    StopRequest,
    Sweep,
    WebhookEvent,
)
from payments.notices import (
    DisputeState,
    FraudWarned,
    InvoicePaid,
    Notice,
    Outcome,
    SubscriptionEnded,
)
from payments.reconciling import knowing
from payments.settling import Applied
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway, FakeMailer
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import dispute_of, line, payout_of, refund_of

NOW = START + dt.timedelta(days=4)


@pytest.fixture(autouse=True)
def _later(clock: FakeClock) -> None:
    """Money moves at START and three days later; the comparison is on the fourth day."""
    clock.moment = NOW


def reconcile(app: Flask, *words: str) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["payments", "reconcile", *words])
    return result.exit_code, result.output.splitlines()


def tell(session: Session, *notices: Notice) -> None:
    for notice in notices:
        settling.apply(session, notice, rules=make_rules(), now=START)


def invoice_of(pledge: Pledge) -> InvoicePaid:
    return InvoicePaid(
        invoice=f"in_{pledge.id.hex}",
        subscription=f"sub_{pledge.id.hex}",
        pledge_id=pledge.id,
        pence=pledge.amount_pence,
        currency="GBP",
        livemode=False,
        paid_at=START,
        payment_intent=f"pi_{pledge.id.hex}",
    )


def ended_of(pledge: Pledge) -> SubscriptionEnded:
    return SubscriptionEnded(f"sub_{pledge.id.hex}", pledge.id, livemode=False, at=START)


def warning_of(pledge: Pledge) -> FraudWarned:
    return FraudWarned(
        "issfr_1", f"pi_{pledge.id.hex}", None, "unauthorized_use_of_card", livemode=False, at=START
    )


def lost_of(pledge: Pledge) -> DisputeState:
    lines = (line("txn_1", -1000, 2000),)
    return dispute_of(pledge, status="lost", lines=lines)


Story = tuple[str, list[Callable[[Pledge], Notice]], Callable[[Pledge], Notice], str]
STORIES: list[Story] = [
    (
        "donation",
        [],
        lambda pledge: make_notice(pledge, Outcome.PAID),
        "Checkout cs_{id} (paid)",
    ),
    (
        "donation",
        [],
        lambda pledge: make_notice(pledge, Outcome.FAILED),
        "Checkout cs_{id} (failed)",
    ),
    (
        "monthly",
        [lambda pledge: make_notice(pledge, Outcome.PAID)],
        invoice_of,
        "invoice in_{id} (paid)",
    ),
    ("dues", [invoice_of], ended_of, "subscription sub_{id} (ended)"),
    (
        "donation",
        [lambda pledge: make_notice(pledge, Outcome.PAID)],
        lambda pledge: refund_of(pledge, 400),
        "refund re_1 (succeeded)",
    ),
    (
        "donation",
        [
            lambda pledge: make_notice(pledge, Outcome.PAID),
            lambda pledge: refund_of(pledge, 400, status="pending"),
        ],
        lambda pledge: refund_of(pledge, 400, status="failed"),
        "refund re_1 (failed)",
    ),
    (
        "donation",
        [lambda pledge: make_notice(pledge, Outcome.PAID), dispute_of],
        lost_of,
        "dispute du_1 (lost)",
    ),
    (
        "donation",
        [lambda pledge: make_notice(pledge, Outcome.PAID)],
        warning_of,
        "fraud warning issfr_1 (unauthorized_use_of_card)",
    ),
    ("donation", [], lambda _: payout_of(0), "payout po_1 (paid)"),
]


@pytest.mark.parametrize(("kind", "before", "missing", "named"), STORIES)
def test_what_stripe_has_and_we_lack_is_found_and_mended_once(
    app: Flask,
    database: Database,
    gateway: FakeGateway,
    kind: str,
    before: list[Callable[[Pledge], Notice]],
    missing: Callable[[Pledge], Notice],
    named: str,
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session, kind)
        known = [made(pledge) for made in before]
        tell(session, *known)
        gateway.told = [*known[:1], missing(pledge)]
    named = named.format(id=pledge.id.hex)
    code, said = reconcile(app)
    assert code == 1
    (found,) = [words for words in said if named in words]
    assert found.startswith(f"Stripe has {named}, and our books do not show it.")
    assert reconcile(app) == (code, said)
    code, said = reconcile(app, "--fix")
    assert code == 0, said
    assert [words for words in said if named in words] == [f"{found} Mended."]
    assert reconcile(app)[0] == 0
    with database.reading() as session:
        assert checking.faults(session) == []


def test_looking_changes_nothing(
    app: Flask, database: Database, gateway: FakeGateway, mailer: FakeMailer, work: Work
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        gateway.told = [make_notice(pledge, Outcome.PAID), payout_of(500)]
    assert reconcile(app)[0] == 1
    work()
    with database.reading() as session:
        assert session.scalars(select(Payment)).all() == []
        assert session.scalars(select(Payout)).all() == []
        assert session.scalars(select(Pledge.state)).one() == "pending"
    assert mailer.sent == []


def test_everything_that_agrees_is_no_difference(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        gift, monthly = make_pledge(session), make_pledge(session, "monthly")
        gateway.told = [
            make_notice(gift, Outcome.PAID),
            make_notice(monthly, Outcome.PAID),
            invoice_of(monthly),
            ended_of(monthly),
            refund_of(gift, 100),
            lost_of(gift),
            warning_of(gift),
            payout_of(700),
        ]
        tell(session, *gateway.told)
    with database.reading() as session:
        glances = [knowing.at_a_glance(session, [each], livemode=False)[0] for each in gateway.told]
    assert glances == [Applied.KNOWN] * len(gateway.told)
    assert reconcile(app) == (
        0,
        ["8 objects of Stripe's looked at, 0 of them not ours; 0 differences, 0 mended."],
    )


def test_a_lacking_payment_brings_its_refund_and_its_dispute_to_light(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        gateway.told = [
            make_notice(pledge, Outcome.PAID),
            refund_of(pledge, 300),
            dispute_of(pledge, pence=700),
        ]
    code, said = reconcile(app)
    assert (code, len(said)) == (1, 4)
    code, said = reconcile(app, "--fix")
    assert code == 0, said
    with database.reading() as session:
        assert session.scalars(select(Refund.amount_pence)).all() == [300]
        assert session.scalars(select(Dispute.amount_pence)).all() == [700]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pledge: make_notice(pledge, Outcome.PAID, pence=1),
        lambda pledge: make_notice(pledge, Outcome.PAID, currency="EUR"),
        lambda pledge: make_notice(pledge, Outcome.PAID, livemode=True),
        lambda pledge: refund_of(pledge, 1001),
        lambda pledge: dispute_of(pledge, currency="EUR"),
        lambda _: payout_of(1),
    ],
)
def test_what_does_not_agree_is_told_and_left_to_a_person(
    app: Flask, database: Database, gateway: FakeGateway, wrong: Callable[[Pledge], Notice]
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        known: list[Notice] = [make_notice(pledge, Outcome.PAID), payout_of(500)]
        tell(session, *known)
        gateway.told = [*known, wrong(pledge)]
    for words in ((), ("--fix",)):
        code, said = reconcile(app, *words)
        assert code == 1
        assert "which does not agree with our books" in said[0]
        assert said[-1].endswith("1 differences, 0 mended.")
    with database.reading() as session:
        assert checking.faults(session) == []


def test_what_our_books_have_further_than_stripe_does_not_agree(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        paid = make_notice(pledge, Outcome.PAID)
        tell(session, paid, refund_of(pledge, 400, status="failed"), payout_of(1, "failed"))
        gateway.told = [paid, refund_of(pledge, 400), payout_of(1)]
    code, said = reconcile(app, "--fix")
    assert (code, ["does not agree" in words for words in said]) == (1, [True, True, False])


def test_what_moved_on_while_stripe_was_read_is_no_difference(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        paid = make_notice(pledge, Outcome.PAID)
        tell(session, paid, refund_of(pledge, 400, status="failed", at=clock.now()))
        gateway.told = [paid, refund_of(pledge, 400)]
    assert reconcile(app)[0] == 0


def test_others_at_the_same_account_are_counted_and_let_be(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        stranger = make_pledge(session)
        foreign: list[Notice] = [
            make_notice(stranger, Outcome.PAID, session_id="cs_other", pledge_id=None),
            invoice_of(stranger),
            refund_of(stranger, 5),
            dispute_of(stranger),
            warning_of(stranger),
            replace(ended_of(stranger), pledge_id=None),
        ]
        session.delete(stranger.checkouts[0])
        session.flush()
        session.delete(stranger)
    gateway.told = foreign
    code, said = reconcile(app, "--fix")
    assert code == 0
    assert said == [
        "6 objects of Stripe's looked at, 6 of them not ours; 0 differences, 0 mended.",
        (
            "1 of those not ours name a pledge that is not in our books: "
            "another use of this Stripe account, or lost with a backup."
        ),
    ]


def test_what_only_our_books_have_is_told_and_not_mended(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        gift, monthly = make_pledge(session), make_pledge(session, "monthly")
        tell(
            session,
            make_notice(gift, Outcome.PAID),
            invoice_of(monthly),
            refund_of(gift, 100),
            dispute_of(gift),
            payout_of(500),
        )
    code, said = reconcile(app, "--fix")
    assert (code, len(said)) == (1, 6)
    assert all("Stripe does not know it." in words for words in said[:5])
    for name in (f"payment pi_{gift.id.hex}", "refund re_1", "dispute du_1", "payout po_1"):
        assert [words for words in said if f"Our books have {name};" in words]
    assert gateway.calls == ["listed"]


def test_a_payment_of_ours_that_failed_at_stripe_after_all_is_found(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        tell(session, make_notice(pledge, Outcome.PAID))
        gateway.told = [make_notice(pledge, Outcome.FAILED)]
    code, said = reconcile(app)
    assert code == 1
    assert said[0].startswith(
        f"Our books have payment pi_{pledge.id.hex}; Stripe does not know it."
    )


def test_ours_is_compared_for_the_days_asked_for_alone(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        tell(session, make_notice(make_pledge(session), Outcome.PAID))
    assert reconcile(app, "--days", "3")[0] == 0
    assert reconcile(app, "--days", "5")[0] == 1


@pytest.mark.parametrize("wished", [["asked"], []])
def test_a_stopped_subscription_that_lives_at_stripe_is_stopped_if_somebody_wished_it(
    app: Flask, database: Database, gateway: FakeGateway, wished: list[str]
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session, "monthly")
        gateway.told = [invoice_of(pledge)]
        tell(session, *gateway.told, ended_of(pledge))
        if wished:
            session.add(StopRequest(pledge_id=pledge.id, asked_at=START, done_at=START))
    code, said = reconcile(app)
    assert code == 1
    assert said[0].startswith(f"Here subscription sub_{pledge.id.hex} has ended, and Stripe's list")
    assert gateway.stopped == []
    code, said = reconcile(app, "--fix")
    assert (code, said[0].endswith("Mended.")) == (0 if wished else 1, bool(wished))
    assert bool(gateway.stopped) is bool(wished)
    assert reconcile(app)[0] == (0 if wished else 1)


def test_one_that_cannot_be_compared_keeps_no_other_from_being_mended(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        one, another = make_pledge(session), make_pledge(session)
        tell(session, make_notice(one, Outcome.PAID))
        gateway.told = [
            make_notice(one, Outcome.PAID),
            dispute_of(one, reason=None),
            make_notice(another, Outcome.PAID),
            payout_of(2),
        ]
    code, said = reconcile(app, "--fix")
    assert code == 1
    assert said[0] == "Stripe's dispute du_1 could not be compared; the log says more."
    assert [words.endswith("Mended.") for words in said[1:3]] == [True, True]
    assert said[3].endswith("3 differences, 2 mended.")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_long_list_is_compared_page_by_page(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        for number in range(250):
            pledge = make_pledge(session)
            gateway.told.append(make_notice(pledge, Outcome.PAID))
            if number % 50:
                tell(session, gateway.told[-1])
    with app.app_context():
        round_ = reconciling.Round(make_rules(), START, fix=True)
        pages = list(reconciling.walk(gateway, round_))
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert (round_.tally.looked_at, round_.tally.mended, round_.tally.left) == (250, 5, 0)


def test_a_gateway_that_gives_no_answer_is_told_in_words(app: Flask, gateway: FakeGateway) -> None:
    gateway.down = True
    assert reconcile(app) == (1, ["Error: Stripe does not answer; try again later."])
    gateway.down, gateway.refusing = False, True
    assert reconcile(app) == (1, ["Error: Stripe refuses to say: refused."])


def test_books_are_made_good_without_letters_where_that_is_wished(
    app: Flask, database: Database, gateway: FakeGateway, mailer: FakeMailer, work: Work
) -> None:
    with database.transaction() as session:
        gateway.told = [make_notice(make_pledge(session), Outcome.PAID)]
    assert reconcile(app, "--fix", "--no-mail")[0] == 0
    work()
    assert mailer.sent == []


def lacking(database: Database, gateway: FakeGateway) -> Pledge:
    with database.transaction() as session:
        pledge = make_pledge(session)
    gateway.told.append(make_notice(pledge, Outcome.PAID))
    return pledge


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Pledge.state)))


def test_the_worker_compares_and_mends_every_hour_and_logs_ids(
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    work: Work,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pledge = lacking(database, gateway)
    gateway.told.append(payout_of(2, "half-way"))
    work()
    assert (states(database), "listed" in gateway.calls) == (["pending"], False)
    clock.move(minutes=61)
    with caplog.at_level(logging.WARNING):
        work()
    assert states(database) == ["paid"]
    told = {
        (row.levelname, row.msg, row.__dict__["payment"])
        for row in caplog.records
        if row.name.startswith("payments.reconciling")
    }
    assert told == {
        ("WARNING", "books made to agree with Stripe's", f"cs_{pledge.id.hex}"),
        ("ERROR", "books do not agree with Stripe's", "po_1"),
    }
    clock.move(minutes=30)
    work()
    assert gateway.calls.count("listed") == 1
    clock.move(minutes=31)
    work()
    assert gateway.calls.count("listed") == 2


def test_two_workers_compare_once_an_hour(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    jobs = [reconciling.Regular(gateway, make_rules()) for _worker in range(2)]
    with app.app_context():
        assert [job() for job in jobs] == [0, 0]
        clock.move(hours=1)
        assert [job() for job in jobs] == [1, 0]
        assert [job() for job in jobs] == [0, 0]
        clock.move(hours=1)
        assert [job() for job in reversed(jobs)] == [1, 0]


def test_the_comparison_waits_while_notices_wait(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    job = reconciling.Regular(gateway, make_rules())
    lacking(database, gateway)
    with app.app_context():
        job()
        clock.move(hours=1)
        with database.transaction() as session:
            session.add(
                WebhookEvent(
                    event_id="evt_1",
                    type="x",
                    livemode=False,
                    created=START,
                    received_at=START,
                    raw=b"{}",
                    due_at=clock.now(),
                )
            )
        assert (job(), states(database)) == (0, ["pending"])
        with database.transaction() as session:
            session.scalars(select(WebhookEvent)).one().due_at = None
        assert (job(), states(database)) == (1, ["paid"])


def test_a_comparison_that_stripe_breaks_off_begins_anew_an_hour_later(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    job = reconciling.Regular(gateway, make_rules())
    lacking(database, gateway)
    with app.app_context():
        job()
        clock.move(hours=1)
        gateway.down = True
        assert job() == 0
        gateway.down = False
        assert job() == 0
        clock.move(hours=1)
        assert job() == 1
    assert states(database) == ["paid"]
    with database.reading() as session:
        assert session.get_one(Sweep, "reconcile").done_until == clock.now()
        assert session.scalars(select(FraudWarning)).all() == []
