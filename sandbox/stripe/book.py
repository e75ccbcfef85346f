"""Stripe's books within one transaction: objects by id, events, chores."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.stripe import API_VERSION
from sandbox.stripe.errors import missing_resource
from sandbox.stripe.ids import new_id
from sandbox.world import World

Record = dict[str, Any]


class Book:
    """Reads and writes objects, and emits events, all in one transaction.

    `now` is in whole seconds; `request` is what events say about the call that caused them.
    """

    def __init__(
        self, world: World, connection: sqlite3.Connection, request: Record | None = None
    ) -> None:
        self.world = world
        self.connection = connection
        self.now = int(world.clock.now())
        self.request = request or {"id": None, "idempotency_key": None}

    def add(self, body: Record, private: Record | None = None) -> Record:
        """Keep a new object, with what Stripe knows of it but does not show; return it."""
        self.connection.execute(
            "INSERT INTO objects (id, kind, created, body, private) VALUES (?, ?, ?, ?, ?)",
            (
                body["id"],
                body["object"],
                body.get("created", self.now),
                json.dumps(body),
                json.dumps(private or {}),
            ),
        )
        return body

    def find(self, object_id: str) -> Record | None:
        """Return the object of that id, or None."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id = ?", (object_id,)
        ).fetchone()
        return json.loads(row["body"]) if row else None

    def get(self, kind: str, object_id: str, param: str = "id") -> Record:
        """Return the object of that kind and id.

        Raises:
            StripeError: there is none; `param` is the parameter that named it.
        """
        body = self.find(object_id)
        if body is None or body["object"] != kind:
            raise missing_resource(kind, object_id, param)
        return body

    def private(self, object_id: str) -> Record:
        """Return what Stripe knows of an object and does not show."""
        row = self.connection.execute(
            "SELECT private FROM objects WHERE id = ?", (object_id,)
        ).fetchone()
        found: Record = json.loads(row["private"])
        return found

    def save(self, body: Record, private: Record | None = None) -> Record:
        """Write an object that has changed; `private` only where that changed too."""
        self.connection.execute(
            "UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"])
        )
        if private is not None:
            self.connection.execute(
                "UPDATE objects SET private = ? WHERE id = ?", (json.dumps(private), body["id"])
            )
        return body

    def every(self, kind: str) -> Iterator[Record]:
        """Every object of a kind, newest first."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE kind = ? ORDER BY seq DESC", (kind,)
        )
        return (json.loads(row["body"]) for row in rows)

    def emit(self, kind: str, body: Record, previous: Record | None = None) -> None:
        """Record an event with the object as it is now, and have it delivered."""
        data: Record = {"object": body}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": self.request,
            "type": kind,
        }
        self.add(event)
        self.connection.execute(
            "INSERT INTO deliveries (event, since, next_at) VALUES (?, ?, ?)",
            (event["id"], self.now, self.now),
        )

    def plan(self, chore: str, object_id: str, due: float) -> None:
        """Have a chore done at `due`, in seconds of the sandbox's time."""
        self.connection.execute(
            "INSERT INTO chores (kind, object, due) VALUES (?, ?, ?)", (chore, object_id, due)
        )


@contextmanager
def open_book(world: World, request: Record | None = None) -> Iterator[Book]:
    """Open the books for one transaction, and wake the background threads after it."""
    with world.store.transaction() as connection:
        yield Book(world, connection, request)
    world.poke()
    world.announce_change()
