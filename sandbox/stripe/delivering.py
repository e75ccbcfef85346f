"""Webhooks: signed as Stripe signs them, tried again until they are taken."""

import copy
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import requests

from sandbox.knobs import Knob
from sandbox.stripe.book import Record
from sandbox.world import World

PATH = "/webhooks/stripe"
TIMEOUT = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
GIVE_UP_AFTER = 3 * 86_400
AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` of a payload (docs.stripe.com/webhooks/signature)."""
    signed = str(timestamp).encode() + b"." + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def pause_after(attempts: int) -> float:
    """Seconds to wait after so many failed attempts."""
    return min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE)


def deliver_next(world: World) -> float | None:
    """Send the event that is due first; return the seconds until another is, None for never."""
    service = world.service  # whoever holds the sandbox may take it away at any moment
    if service is None:
        return None
    with world.store.transaction() as connection:
        row = connection.execute(
            "SELECT event, since, attempts, next_at, body FROM deliveries"
            " JOIN objects ON objects.id = event WHERE next_at IS NOT NULL"
            " ORDER BY next_at, seq LIMIT 1"
        ).fetchone()
    if row is None:
        return None
    rest = float(row["next_at"]) - world.clock.now()
    if rest > 0:
        return rest
    event: Record = json.loads(row["body"])
    said, taken = _send_as_ordered(world, service, event)
    gave_up = world.clock.now() - row["since"] >= GIVE_UP_AFTER
    pause = None if gave_up else pause_after(row["attempts"] + 1)
    _mark(world, event, said, None if taken else pause, taken=taken)
    return 0


def _send_as_ordered(world: World, service: str, event: Record) -> tuple[str, bool]:
    """Send an event once, or as often and as changed as the knobs say; it is taken if once."""
    alter = world.knobs.take("alter", event["type"])
    if alter:
        event = altered(event, alter)
    twice = world.knobs.take("duplicate", event["type"])
    if twice is None:
        return send(world, service, event)
    with ThreadPoolExecutor(twice.times if twice.together else 1) as pool:
        answers = list(pool.map(lambda _: send(world, service, event), range(twice.times)))
    return next((answer for answer in answers if answer[1]), answers[-1])


def altered(event: Record, knob: Knob) -> Record:
    """A copy of an event with one field of its object changed; a dotted name reaches inside."""
    changed = copy.deepcopy(event)
    *steps, name = knob.field.split(".")
    place = changed["data"]["object"]
    for step in steps:
        inner = place.get(step)
        place[step] = inner if isinstance(inner, dict) else {}
        place = place[step]
    place[name] = _as_before(place.get(name), knob.value)
    return changed


def _as_before(before: object, text: str) -> object:
    """Read a value as what stood there before: true or false, a whole number, or text."""
    if isinstance(before, bool):
        return text == "true"
    number = text.removeprefix("-")
    whole = isinstance(before, int) and number.isascii() and number.isdigit()
    return int(text) if whole else text


def hurry(world: World) -> None:
    """Let everything that waits for its time be sent now."""
    with world.store.transaction() as connection:
        connection.execute(
            "UPDATE deliveries SET next_at = ? WHERE next_at > ?", (world.clock.now(),) * 2
        )
    world.poke()


def send(world: World, service: str, event: Record) -> tuple[str, bool]:
    """Post one event; return what the service said and whether it took it.

    A redirect is a failure, as with Stripe.
    """
    payload = json.dumps(event, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(payload, world.webhook_secret, int(time.time())),
        "User-Agent": AGENT,
    }
    world.journal.events.append(event)
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                service + PATH,
                data=payload,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
    except requests.RequestException as fault:
        return type(fault).__name__, False
    taken = HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES
    return str(answer.status_code), taken


def pending(world: World) -> int:
    """How many events still wait to be taken."""
    with world.store.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) AS n FROM deliveries WHERE next_at IS NOT NULL"
        ).fetchone()
    return int(row["n"])


def _mark(world: World, event: Record, said: str, pause: float | None, *, taken: bool) -> None:
    now = world.clock.now()
    with world.store.transaction() as connection:
        connection.execute(
            "UPDATE deliveries SET attempts = attempts + 1, said = ?, next_at = ?,"
            " delivered_at = ? WHERE event = ?",
            (said, None if pause is None else now + pause, now if taken else None, event["id"]),
        )
        if taken:
            connection.execute(
                "UPDATE objects SET body = ? WHERE id = ?",
                (json.dumps({**event, "pending_webhooks": 0}), event["id"]),
            )
    world.announce_change()
