"""The generic gateway: JSON or a form with `from`, `to`, `text` and `id`, and a JSON reply.

Any gateway that can be taught four names can use it, and so does the hook of Gammu. It waits for
the reply, so a repeated text is answered with the stored one.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from branches.texting.gateways import Delivery, Inbound, Malformed

USER = "sms"
_LONGEST_SENDER = 64


@dataclass(frozen=True, slots=True)
class GenericGateway:
    """Known by HTTP Basic: user `sms` and any of the secrets, several while they are rolled."""

    secrets: tuple[str, ...]
    name: str = "generic"

    @property
    def switched_on(self) -> bool:
        """Whether a secret is set for it."""
        return bool(self.secrets)

    def admits(self, delivery: Delivery) -> bool:
        """Compare user and password in a time that tells nothing about either."""
        given = (delivery.password or "").encode()
        right_user = hmac.compare_digest((delivery.user or "").encode(), USER.encode())
        matches = [hmac.compare_digest(given, secret.encode()) for secret in self.secrets]
        return right_user and any(matches)

    def read(self, delivery: Delivery) -> Inbound:
        """Read a text; a missing `id` is left to be made up for, and a missing text is empty.

        Raises:
            Malformed: when the body is not JSON, or nobody is named as its sender.
        """
        fields = _json(delivery.body) if _is_json(delivery.mimetype) else delivery.form
        sender = _field(fields, "from")[:_LONGEST_SENDER]
        if not sender:
            raise Malformed("from is missing")
        return Inbound(
            gateway=self.name,
            message_id=_field(fields, "id") or None,
            sender=sender,
            text=_field(fields, "text"),
        )


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or mimetype.endswith("+json")


def _json(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object")
    return found


def _field(fields: Mapping[str, object], name: str) -> str:
    """Give a field as text that a database can hold: no NUL, no half of a surrogate pair."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Malformed(f"{name} is not text")
    text = str(value).replace("\x00", " ").encode("utf-8", "replace").decode()
    return text if name == "text" else text.strip()
