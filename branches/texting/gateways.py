"""What the text line asks of a gateway: prove who it is, hand over a text, take a reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Malformed(ValueError):
    """What the gateway sent cannot be read as a text; the words say why, and quote nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request of a gateway, as plain values. `user` and `password` are those of HTTP Basic."""

    mimetype: str
    body: bytes
    form: Mapping[str, str]
    user: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text as a gateway hands it over. `message_id` is None where the gateway gives none."""

    gateway: str
    message_id: str | None
    sender: str
    text: str


class Gateway(Protocol):
    """One way for texts to come in."""

    @property
    def name(self) -> str:
        """What its texts are kept under; with the message id it makes a text unique."""

    @property
    def switched_on(self) -> bool:
        """Whether a secret is set for it."""

    def admits(self, delivery: Delivery) -> bool:
        """Say whether the request proves that it is the gateway's."""

    def read(self, delivery: Delivery) -> Inbound:
        """Read the text out of an admitted request.

        Raises:
            Malformed: when there is none in it.
        """
