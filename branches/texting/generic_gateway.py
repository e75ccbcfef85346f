"""The generic gateway: JSON or a form with `from`, `to`, `text` and `id`, and a JSON reply.

Any gateway that can be taught four names can use it, and so does the hook of Gammu. It waits for
the reply, so a repeated text is answered with the stored one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from branches.texting.gateways import (
    Answer,
    ByPassword,
    Delivery,
    Inbound,
    object_in,
    sender_of,
    text_of,
)


@dataclass(frozen=True, slots=True)
class GenericGateway(ByPassword):
    """Known by HTTP Basic, as the user `sms`."""

    name: str = "generic"
    basic: str = "sms"

    def read(self, delivery: Delivery) -> Inbound:
        """Read a text; a missing `id` is left to be made up for, and a missing text is empty.

        Raises:
            Malformed: when the body is not JSON, or nobody is named as its sender.
        """
        fields: Mapping[str, object] = (
            object_in(delivery.body)
            if _is_json(delivery.mimetype)
            else dict(reversed(delivery.form))  # of a name that is repeated, the first counts
        )
        return Inbound(
            gateway=self.name,
            message_id=text_of(fields, "id").strip() or None,
            sender=sender_of(fields, "from"),
            text=text_of(fields, "text"),
        )

    def answer(self, reply: str | None) -> Answer:
        """Answer with `{"reply": …}`, null where nothing is sent."""
        return Answer(json.dumps({"reply": reply}), "application/json")


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or mimetype.endswith("+json")
