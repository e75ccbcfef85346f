"""Stripe's books within one transaction: objects by id, events, chores."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.stripe import API_VERSION, routing
from sandbox.stripe.errors import missing_resource
from sandbox.stripe.ids import new_id
from sandbox.stripe.links import TIES, links_of
from sandbox.world import World

Record = dict[str, Any]

LINK = "INSERT OR IGNORE INTO links (kind, name, value, id) VALUES (?, ?, ?, ?)"
THROUGH = "SELECT id FROM links WHERE kind = ? AND name = ? AND value = ?"


class Book:
    """Reads and writes objects, and emits events, all in one transaction.

    `now` is in whole seconds; `request` is what events say about the call that caused them.
    """

    def __init__(
        self,
        world: World,
        connection: sqlite3.Connection,
        request: Record | None = None,
        now: float | None = None,
    ) -> None:
        self.world = world
        self.connection = connection
        self.now = int(world.clock.now() if now is None else now)
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
        self._link(body)
        return body

    def find(self, object_id: str) -> Record | None:
        """Return the object of that id, or None."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id = ?", (object_id,)
        ).fetchone()
        return self._read(row) if row else None

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
        self._link(body)
        return body

    def tie(self, body: Record, name: str, value: str) -> None:
        """Keep a link that an object's own fields do not show."""
        self.connection.execute(LINK, (body["object"], name, value, body["id"]))

    def _link(self, body: Record) -> None:
        """Keep an object's links. Those that it no longer has are found out when reading."""
        links = links_of(body).items()
        rows = [(body["object"], name, value, body["id"]) for name, value in links]
        self.connection.executemany(LINK, rows)

    def every(self, kind: str) -> Iterator[Record]:
        """Every object of a kind, newest first."""
        return self.select(kind)

    def linked(self, kind: str, name: str, value: str) -> list[Record]:
        """The objects of a kind that have this link, oldest first."""
        return list(self.select(kind, links={name: value}, back=True))

    def select(
        self,
        kind: str,
        where: str = "",
        values: Iterable[object] = (),
        links: Mapping[str, str] | None = None,
        *,
        back: bool = False,
    ) -> Iterator[Record]:
        """The objects of a kind that fit, newest first or, `back`, oldest first, read one by one.

        `where` is a condition in SQL on columns of `objects`; `links` are looked up.
        """
        wanted = dict(links or {})
        tables, bound = "objects", []
        if wanted:  # the first finds the rows, the others are compared
            name, value = next(iter(wanted.items()))
            tables = f"({THROUGH}) AS found CROSS JOIN objects ON objects.id = found.id"
            bound = [kind, name, value]
        order = "created, seq" if back else "created DESC, seq DESC"
        query = f"SELECT body FROM {tables} WHERE objects.kind = ? {where} ORDER BY {order}"  # noqa: S608 - text of our own; values are bound
        rows = self.connection.execute(query, (*bound, kind, *values))
        return (body for body in map(self._read, rows) if self._has(body, wanted))

    def _has(self, body: Record, wanted: Mapping[str, str]) -> bool:
        own = links_of(body)
        return all(
            (body["object"], name) in TIES or own.get(name) == value
            for name, value in wanted.items()
        )

    def _read(self, row: sqlite3.Row) -> Record:
        """An object as it is now: money becomes available by time alone."""
        body: Record = json.loads(row["body"])
        if body["object"] == "balance_transaction" and body["available_on"] <= self.now:
            body["status"] = "available"
        return body

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
        due, said = routing.route(self.world, kind, self.now)
        self.connection.execute(
            "INSERT INTO deliveries (event, since, next_at, said) VALUES (?, ?, ?, ?)",
            (event["id"], self.now, due, said),
        )
        if said == routing.LAST_HELD:
            routing.release(self.connection, self.now)

    def change(self, body: Record, kind: str, **but: object) -> Record:
        """Change fields of an object, with the event that says what they were before."""
        previous = {name: body[name] for name in but}
        body.update(but)
        self.save(body)
        self.emit(kind, body, previous=previous)
        return body

    def plan(self, chore: str, object_id: str, due: float) -> None:
        """Have a chore done at `due`, in seconds of the sandbox's time."""
        self.connection.execute(
            "INSERT INTO chores (kind, object, due) VALUES (?, ?, ?)", (chore, object_id, due)
        )


@contextmanager
def open_book(
    world: World, request: Record | None = None, now: float | None = None
) -> Iterator[Book]:
    """Open the books for one transaction, and wake the background threads after it."""
    with world.store.transaction() as connection:
        yield Book(world, connection, request, now)
    world.poke()
    world.announce_change()
