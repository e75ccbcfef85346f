"""The one SQLite file in which the stand-ins remember what happened."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    private TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_time ON objects (kind, created, seq);
CREATE TABLE IF NOT EXISTS links (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL REFERENCES objects (id),
    PRIMARY KEY (kind, name, value, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS not_paid_out ON objects (seq)
    WHERE kind = 'balance_transaction' AND json_extract(private, '$.payout') IS NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    event TEXT PRIMARY KEY REFERENCES objects (id),
    since REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL,
    delivered_at REAL,
    said TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    created REAL NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER,
    body TEXT
);
CREATE TABLE IF NOT EXISTS chores (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    due REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS chores_by_due ON chores (due, id);
CREATE INDEX IF NOT EXISTS chores_by_kind ON chores (kind, due);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    raw BLOB NOT NULL,
    received_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    reply TEXT,
    fault TEXT,
    sent_at TEXT NOT NULL
);
"""


VERSION = 2  # of the schema and of what objects are found by
TABLES = ("deliveries", "links", "objects", "answers", "chores", "letters", "texts", "meta")


class Store:
    """One connection, shared by all threads, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            self.empty()  # what an older sandbox kept would be found by half only
            self._connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is kept, or with an exception nothing; not to be nested."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def empty(self) -> None:
        """Forget everything, whatever it was."""
        with self.transaction() as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own

    def close(self) -> None:
        """Close the file, after the transaction that is under way."""
        with self._lock:
            self._connection.close()
