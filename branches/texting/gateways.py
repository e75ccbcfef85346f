"""What the text line asks of a gateway: prove who it is, hand over a text, take a reply."""

import datetime as dt
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

_LONGEST_SENDER = 64


class Malformed(ValueError):
    """What the gateway sent cannot be read as a text; the words say why, and quote nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A request of a gateway, as plain values.

    Attributes:
        body: The raw body, before anybody read it.
        mimetype: What the body is, in lower case and without parameters; `charset` is the one given
            with it, or "".
        form: The fields of a form, in their order, names repeated as they came.
        headers: By their names in lower case.
        query: The parameters behind the address.
        target: The address as it was asked for: path, and raw query behind a question mark.
        user: The user of HTTP Basic; `password` likewise.
        at: When it came.
    """

    body: bytes
    mimetype: str
    at: dt.datetime
    charset: str = ""
    form: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    user: str | None = None
    password: str | None = None


class ReplyBy(StrEnum):
    """How the reply to a text leaves."""

    ANSWER = "answer"
    """In the answer to the gateway's request."""
    OUTBOX = "outbox"
    """Through the outbox of texts."""
    GATEWAY = "gateway"
    """Not from us: the gateway has answered this one by itself."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text as a gateway hands it over. `message_id` is None where the gateway gives none."""

    gateway: str
    message_id: str | None
    sender: str
    text: str
    reply_by: ReplyBy = ReplyBy.ANSWER


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway is told when its text has been stored: a body that is sent with status 200."""

    body: str
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Gateway(Protocol):
    """One way for texts to come in."""

    @property
    def name(self) -> str:
        """What its texts are kept under; with the message id it makes a text unique."""

    @property
    def basic(self) -> str | None:
        """The user of HTTP Basic by whom it proves itself; None where it signs its requests."""

    @property
    def switched_on(self) -> bool:
        """Whether a secret is set for it."""

    def admits(self, delivery: Delivery) -> bool:
        """Say whether the request proves that it is the gateway's."""

    def read(self, delivery: Delivery) -> Inbound | None:
        """Read the text out of an admitted request; None where it tells of something else.

        Raises:
            Malformed: when there is none in it.
        """

    def answer(self, reply: str | None) -> Answer:
        """Put the reply, or that there is none, as this gateway wants it."""


@dataclass(frozen=True, slots=True)
class ByPassword:
    """What gateways share that HTTP Basic makes known: the user `basic` and any of the secrets.

    There are several secrets while they are rolled; without one the gateway is off.
    """

    secrets: tuple[str, ...]
    name: str = ""
    basic: str = ""

    @property
    def switched_on(self) -> bool:
        """Whether a secret is set for it."""
        return bool(self.secrets)

    def admits(self, delivery: Delivery) -> bool:
        """Compare user and password in a time that tells nothing about either."""
        given = (delivery.password or "").encode()
        right_user = hmac.compare_digest((delivery.user or "").encode(), self.basic.encode())
        matches = [hmac.compare_digest(given, secret.encode()) for secret in self.secrets]
        return right_user and any(matches)


def object_in(body: bytes) -> Mapping[str, object]:
    """Read a JSON object.

    Raises:
        Malformed: when it is none.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object")
    return found


def text_of(fields: Mapping[str, object], name: str) -> str:
    """Give a field as text; one that is missing is empty.

    Raises:
        Malformed: when it is neither text nor a whole number.
    """
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Malformed(f"{name} is not text")
    return storable(str(value))


def sender_of(fields: Mapping[str, object], *names: str) -> str:
    """Give who sent it, from the first of the names that says so.

    Raises:
        Malformed: when nobody is named.
    """
    for name in names:
        sender = text_of(fields, name).strip()[:_LONGEST_SENDER]
        if sender:
            return sender
    raise Malformed(f"{names[0]} is missing")


def storable(text: str) -> str:
    """Give a text that a database can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()
