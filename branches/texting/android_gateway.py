"""SMS Gateway for Android: a phone in a drawer. Signed JSON comes in; replies leave by its API.

The app signs the raw body and the time at which it sends. Its `id` is new at every emission, and
one text may be emitted several times seconds apart, so a text is known by what it says, by whom and
when the phone had it (https://docs.sms-gate.app/features/webhooks/).
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from branches.texting.gateways import (
    Answer,
    Delivery,
    Inbound,
    Malformed,
    ReplyBy,
    object_in,
    sender_of,
    text_of,
)

RECEIVED = "sms:received"
_WINDOW = dt.timedelta(minutes=5)
_MANY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class AndroidGateway:
    """Known by its signature with any of the keys, several while they are rolled."""

    keys: tuple[str, ...]
    name: str = "android"
    basic: None = None

    @property
    def switched_on(self) -> bool:
        """Whether a key is set for it."""
        return bool(self.keys)

    def admits(self, delivery: Delivery) -> bool:
        """Say whether body and time are signed, and the time is within five minutes of ours.

        The app signs anew whenever it tries again, so that a late text is not an old request.
        """
        given = delivery.headers.get("x-signature", "").strip().lower().encode()
        stamp = delivery.headers.get("x-timestamp", "").strip()
        matches = [
            hmac.compare_digest(given, signature(key, delivery.body, stamp).encode())
            for key in self.keys
        ]
        return any(matches) and _is_fresh(stamp, delivery.at)

    def read(self, delivery: Delivery) -> Inbound | None:
        """Read a text; of its other events (pings, delivery reports) nothing is kept.

        Raises:
            Malformed: when the body is not the app's JSON, or nobody is named as the sender.
        """
        event = object_in(delivery.body)
        if text_of(event, "event") != RECEIVED:
            return None
        payload = event.get("payload")
        if not isinstance(payload, dict):
            raise Malformed("payload is missing")
        # Older versions of the app call the sender phoneNumber.
        sender = sender_of(payload, "sender", "phoneNumber")
        return Inbound(
            gateway=self.name,
            message_id=_fingerprint(event, payload, sender),
            sender=sender,
            text=text_of(payload, "message"),
            reply_by=ReplyBy.OUTBOX,
        )

    def answer(self, reply: str | None) -> Answer:  # noqa: ARG002 -- it leaves by the outbox
        """Answer that the text is stored."""
        return Answer("{}", "application/json")


def signature(key: str, body: bytes, stamp: str) -> str:
    """Sign the raw body with the time behind it, in hexadecimal digits."""
    signed = body + stamp.encode("utf-8", "replace")
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def _is_fresh(stamp: str, at: dt.datetime) -> bool:
    """Say whether a time in Unix seconds is near enough to now."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _MANY_DIGITS):
        return False
    return abs(at.timestamp() - int(stamp)) <= _WINDOW.total_seconds()


def _fingerprint(event: Mapping[str, object], payload: Mapping[str, object], sender: str) -> str:
    """Make the id that is the same for each emission of one text."""
    said = [
        text_of(event, "deviceId"),
        text_of(payload, "simNumber"),
        sender,
        text_of(payload, "receivedAt"),
        text_of(payload, "message"),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
