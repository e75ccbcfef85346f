"""What the measurements of money stand on: books of a made-up size, and notices to book."""

import datetime as dt
import json
import os
import uuid
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from app import Adapters, create_app
from config import Settings
from core.database import Database
from core.schema import upgrade

SECRET = "whsec_for_measuring_and_for_nothing_else"  # noqa: S105 -- made up here
DURABLE = ("-c", "synchronous_commit=on")
_BEGAN = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)

# One pledge, Checkout, payment and booking for each number of the series; one in ten is a repeat.
_FILL = (
    """INSERT INTO pledge (id, kind, state, amount_pence, cover_pence, currency, title, appeal_id,
         name, email, email_key, message, display, source, form_nonce, created_at)
       SELECT md5('pledge' || n)::uuid, 'donation', 'paid', 100 + n % 5000, 0, 'GBP', 'Fund',
         (SELECT min(id) FROM appeal), 'Sam Jones', 'sam@example.org', 'key' || n - n % 10, '',
         'anonymous', '', 'nonce' || n, :began + n * interval '2 second'
       FROM generate_series(CAST(:first AS int), :last) AS n""",
    """INSERT INTO checkout (pledge_id, attempt, state, created_at, expires_at, checked_at,
         session_id, url)
       SELECT md5('pledge' || n)::uuid, 1, 'complete', :began, :began, :began, 'cs_' || n, ''
       FROM generate_series(CAST(:first AS int), :last) AS n""",
    """INSERT INTO payment (id, pledge_id, number, kind, amount_pence, currency, paid_at, booked_at,
         method, fee_pence, payment_intent, charge)
       SELECT md5('payment' || n)::uuid, md5('pledge' || n)::uuid, 1, 'donation', 100 + n % 5000,
         'GBP', :began + n * interval '2 second', :began + n * interval '2 second', 'card', 35,
         'pi_' || n, 'ch_' || n
       FROM generate_series(CAST(:first AS int), :last) AS n""",
    """INSERT INTO ledger_transaction (id, key, kind, payment_id, moved_at, booked_at)
       SELECT n * 2 + fee, CASE fee WHEN 0 THEN 'payment:' ELSE 'fee:' END
           || md5('payment' || n)::uuid, CASE fee WHEN 0 THEN 'payment' ELSE 'fee' END,
         md5('payment' || n)::uuid, :began + n * interval '2 second',
         :began + n * interval '2 second'
       FROM generate_series(CAST(:first AS int), :last) AS n, generate_series(0, 1) AS fee""",
    """INSERT INTO ledger_entry (transaction_id, account, appeal_id, pence)
       SELECT n * 2, account, CASE account WHEN 'gifts' THEN (SELECT min(id) FROM appeal) END,
         sign * (100 + n % 5000)
       FROM generate_series(CAST(:first AS int), :last) AS n,
         (VALUES ('stripe', 1), ('gifts', -1)) AS side (account, sign)""",
    """INSERT INTO ledger_entry (transaction_id, account, pence)
       SELECT n * 2 + 1, account, sign * 35
       FROM generate_series(CAST(:first AS int), :last) AS n,
         (VALUES ('stripe', -1), ('fees', 1)) AS side (account, sign)""",
    """INSERT INTO appeal_donor (key, appeal_id, transaction_id)
       SELECT 'key' || n, (SELECT min(id) FROM appeal), n * 2
       FROM generate_series(CAST(:first AS int), :last) AS n WHERE n % 10 = 0""",
    """SELECT setval('ledger_transaction_id_seq', (SELECT max(id) FROM ledger_transaction))""",
)


def service(url: str) -> Flask:
    """Make the service on this database, with a Stripe that is not there."""
    settings = Settings.read(
        {
            **os.environ,
            "DATABASE_URL": url,
            "SECRET_KEY": "a key for measuring, not secret at all",
            "STRIPE_API_BASE": "http://127.0.0.1:9",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "MAIL_URL": "smtp://127.0.0.1:9",
            "POSTCODE_INDEX": str(Path("instance/postcodes.idx")),
            "LOG_FORMAT": "json",
        }
    )
    return create_app(settings, Adapters.real(settings))


def prepare(url: str) -> Database:
    """Make the tables and an appeal."""
    database = Database(url)
    upgrade(database.engine)
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO appeal (slug, title, blurb, target_pence, starts)"
                " VALUES ('fighting-fund', 'Fund', '', 100, '2026-10-01')"
            )
        )
    return database


def fill(database: Database, first: int, last: int) -> None:
    """Add paid gifts with these numbers to the books, in bulk (PostgreSQL)."""
    with database.engine.begin() as connection:
        for statement in _FILL:
            values = {"first": first, "last": last, "began": _BEGAN}
            named = {key: values[key] for key in values if f":{key}" in statement}
            connection.execute(text(statement), named)
    analyse(database)


def analyse(database: Database) -> None:
    """Do what PostgreSQL does by itself within a minute: tidy tables, look how they have grown."""
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def pledge_and_tell(database: Database, many: int) -> None:
    """Add gifts that wait on Stripe's page, and the stored notice that each was paid."""
    now = dt.datetime.now(dt.UTC)
    pledges = [uuid.uuid4() for _ in range(many)]
    with database.engine.begin() as connection:
        connection.execute(
            text(
                """INSERT INTO pledge (id, kind, state, amount_pence, cover_pence, currency, title,
                     appeal_id, name, email, email_key, message, display, source, form_nonce,
                     created_at)
                   VALUES (:id, 'donation', 'pending', 1000, 0, 'GBP', 'Fund',
                     (SELECT min(id) FROM appeal), 'Sam Jones', 'sam@example.org', :nonce, '',
                     'anonymous', '', :nonce, :now)"""
            ),
            [{"id": each, "nonce": each.hex, "now": now} for each in pledges],
        )
        connection.execute(
            text(
                """INSERT INTO checkout (pledge_id, attempt, state, created_at, expires_at,
                     checked_at, session_id, url)
                   VALUES (:id, 1, 'open', :now, :now, :now, :session, '')"""
            ),
            [{"id": each, "now": now, "session": f"cs_{each.hex}"} for each in pledges],
        )
        connection.execute(
            text(
                """INSERT INTO webhook_event (event_id, type, api_version, livemode, created,
                     received_at, raw, due_at, attempts)
                   VALUES (:event, 'checkout.session.completed', 'x', false, :now, :now, :raw,
                     :now, 0)"""
            ),
            [
                {
                    "event": f"evt_{each.hex}",
                    "now": now,
                    "raw": json.dumps(completed(each)).encode(),
                }
                for each in pledges
            ],
        )


def raw(pledge: uuid.UUID) -> bytes:
    """Return that event as it is stored."""
    return json.dumps(completed(pledge)).encode()


def completed(pledge: uuid.UUID) -> dict[str, Any]:
    """Return the event of a Checkout that was paid, with what is read of it."""
    found = {
        "id": f"cs_{pledge.hex}",
        "object": "checkout.session",
        "client_reference_id": str(pledge),
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 1000,
        "currency": "gbp",
        "livemode": False,
        "mode": "payment",
        "created": 1_790_000_000,
        "payment_intent": f"pi_{pledge.hex}",
        "metadata": {"pledge": str(pledge)},
    }
    return {
        "id": f"evt_{pledge.hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "api_version": "2026-10-28.endive",
        "livemode": False,
        "created": 1_790_000_100,
        "data": {"object": found},
    }
