"""Idempotency keys: one effect and one answer for each.

The rules are those of docs.stripe.com/api/idempotent_requests.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sandbox.stripe.errors import StripeError
from sandbox.world import World

LONGEST = 255
KEPT = 86_400
# Refused before an endpoint began its work, so nothing is kept and the key stays free.
NOT_KEPT = frozenset({400, 401, 409, 429})


class Answer(NamedTuple):
    """A stored answer."""

    status: int
    body: dict[str, Any]
    request_id: str


def fingerprint(method: str, path: str, params: Sequence[tuple[str, str]]) -> str:
    """What must be the same when a key is used again."""
    text = json.dumps([method, path, sorted(params)])
    return hashlib.sha256(text.encode()).hexdigest()


def begin(world: World, key: str, print_: str, request_id: str) -> Answer | None:
    """Claim a key; return the stored answer where it was used before.

    Raises:
        StripeError: 400 where it was used for something else, 409 while its first use runs.
    """
    if len(key) > LONGEST:
        message = f"Idempotency keys can be up to {LONGEST} characters long"
        raise StripeError(400, "invalid_request_error", message)
    now = world.clock.now()
    with world.store.transaction() as connection:
        connection.execute("DELETE FROM answers WHERE created < ?", (now - KEPT,))
        row = connection.execute("SELECT * FROM answers WHERE key = ?", (key,)).fetchone()
        if row is None:
            connection.execute(
                "INSERT INTO answers (key, fingerprint, created, request_id) VALUES (?, ?, ?, ?)",
                (key, print_, now, request_id),
            )
            return None
    if row["fingerprint"] != print_:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request."
        )
        raise StripeError(400, "idempotency_error", message)
    if row["status"] is None:
        message = (
            f"There is currently another in-progress request using this idempotency key ({key})."
        )
        code = "idempotency_key_in_use"
        raise StripeError(409, "idempotency_error", message, code=code)
    return Answer(row["status"], json.loads(row["body"]), row["request_id"])


def finish(world: World, key: str, status: int, body: dict[str, Any]) -> None:
    """Keep a refusal under its key, or free the key where nothing had begun."""
    with world.store.transaction() as connection:
        if status in NOT_KEPT:
            connection.execute("DELETE FROM answers WHERE key = ?", (key,))
        else:
            connection.execute(KEEP, (status, json.dumps(body), key))


def forget_unfinished(world: World) -> None:
    """Free the keys of requests that died with the process."""
    with world.store.transaction() as connection:
        connection.execute("DELETE FROM answers WHERE status IS NULL")


KEEP = "UPDATE answers SET status = ?, body = ? WHERE key = ?"
