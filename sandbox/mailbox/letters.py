"""Letters as they were received, and what can be read in them."""

import json
import sqlite3
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from sandbox.world import World

Letter = dict[str, Any]


def keep(world: World, sender: str, recipients: list[str], raw: bytes) -> None:
    """Keep a letter as it came over SMTP."""
    received = datetime.now(UTC).isoformat()
    with world.store.transaction() as connection:
        connection.execute(
            "INSERT INTO letters (sender, recipients, raw, received_at) VALUES (?, ?, ?, ?)",
            (sender, json.dumps(recipients), raw, received),
        )
    world.announce_change()


def find(world: World, letter_id: int) -> Letter | None:
    """Return one letter, or None."""
    with world.store.transaction() as connection:
        row = connection.execute("SELECT * FROM letters WHERE id = ?", (letter_id,)).fetchone()
    return _read(row) if row else None


def newest_first(world: World, recipient: str | None = None) -> list[Letter]:
    """All letters, or those to one address, whatever its case."""
    with world.store.transaction() as connection:
        rows = connection.execute("SELECT * FROM letters ORDER BY id DESC").fetchall()
    letters = [_read(row) for row in rows]
    if recipient is None:
        return letters
    wanted = recipient.casefold()
    return [each for each in letters if wanted in map(str.casefold, each["recipients"])]


def as_json(letter: Letter) -> Letter:
    """What `/mailbox.json` says of a letter."""
    names = ("id", "to", "from", "subject", "text", "html", "message_id", "received_at", "headers")
    return {name: letter[name] for name in names}


def _read(row: sqlite3.Row) -> Letter:
    message = message_from_bytes(row["raw"], policy=default)
    recipients: list[str] = json.loads(row["recipients"])
    return {
        "id": row["id"],
        "to": ", ".join(recipients),
        "recipients": recipients,
        "from": str(message["From"] or row["sender"]),
        "subject": str(message["Subject"] or ""),
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "message_id": str(message["Message-ID"] or "").strip(),
        "received_at": row["received_at"],
        "headers": [[name, str(value)] for name, value in message.items()],
    }


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")
