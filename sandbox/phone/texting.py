"""Sending a text as a gateway does, and remembering the conversation."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

import requests

from sandbox.world import World

PATH = "/webhooks/sms/generic"
TIMEOUT = 15


class NotDelivered(Exception):
    """The service did not take the text."""


class Text(NamedTuple):
    """One text and what came back."""

    sender: str
    text: str
    reply: str | None
    fault: str | None


def international(number: str) -> str:
    """A British number as gateways write it: 07700 900123 as +447700900123."""
    digits = re.sub(r"[\s()-]", "", number)
    return f"+44{digits[1:]}" if digits.startswith("0") else digits


def send(world: World, sender: str, text: str, message_id: str | None = None) -> str | None:
    """Text the service's line; return its reply, or None where it sends none.

    Raises:
        NotDelivered: the service could not be reached, or did not answer as the contract says.
    """
    message = {
        "from": international(sender),
        "to": international(world.text_number),
        "text": text,
        "id": message_id or str(uuid.uuid4()),
    }
    try:
        reply = _post(world, message)
    except NotDelivered as fault:
        _remember(world, message, reply=None, fault=str(fault))
        raise
    _remember(world, message, reply=reply, fault=None)
    return reply


def conversation(world: World, sender: str) -> list[Text]:
    """All texts from a number, oldest first."""
    with world.store.transaction() as connection:
        rows = connection.execute(
            "SELECT * FROM texts WHERE sender = ? ORDER BY id", (international(sender),)
        ).fetchall()
    return [Text(row["sender"], row["text"], row["reply"], row["fault"]) for row in rows]


def _post(world: World, message: dict[str, str]) -> str | None:
    service = world.service
    if service is None:
        raise NotDelivered("The service is not running.")
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                service + PATH,
                json=message,
                auth=("sms", world.sms_secret),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
    except requests.RequestException as fault:
        raise NotDelivered(f"The service could not be reached ({type(fault).__name__}).") from fault
    if answer.status_code != requests.codes.ok:
        raise NotDelivered(f"The service answered {answer.status_code}.")
    return _reply_in(answer)


def _reply_in(answer: requests.Response) -> str | None:
    try:
        body: Any = answer.json()
    except requests.JSONDecodeError as fault:
        raise NotDelivered("The service's answer is not JSON.") from fault
    if not isinstance(body, dict) or not isinstance(body.get("reply"), str | None):
        raise NotDelivered("The service's answer holds no reply.")
    reply: str | None = body.get("reply")
    return reply


def _remember(
    world: World, message: dict[str, str], *, reply: str | None, fault: str | None
) -> None:
    row = (
        message["id"],
        message["from"],
        message["text"],
        reply,
        fault,
        datetime.now(UTC).isoformat(),
    )
    with world.store.transaction() as connection:
        connection.execute(
            "INSERT INTO texts (message_id, sender, text, reply, fault, sent_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
