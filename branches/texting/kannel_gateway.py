"""Kannel, by the `post-url` of an sms-service: the body is the text, and the answer is the reply.

Kannel takes any answer but 200 or 202 for a failure: it asks again, and at last sends an apology of
its own. So what is not answered gets 200 and an empty body (`omit-empty = true`). Behaviour as
observed with Kannel 1.4.5; how to set it up stands in `docs/gateways.md`.
"""

from dataclasses import dataclass

from branches.texting.gateways import (
    Answer,
    ByPassword,
    Delivery,
    Inbound,
    sender_of,
    storable,
    text_of,
)
from branches.texting.gsm import is_gsm7

_UCS2 = "2"
# What Kannel names: what it recodes to, and the alphabets of the networks. Whatever else is named,
# or nothing (8-bit texts come as application/octet-stream), is read as UTF-8 or else as Latin-1.
_CODECS = {
    "utf-8": "utf-8",
    "utf-16be": "utf-16-be",
    "utf-16": "utf-16-be",
    "ucs-2": "utf-16-be",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "us-ascii": "utf-8",
}


@dataclass(frozen=True, slots=True)
class KannelGateway(ByPassword):
    """Known by HTTP Basic, as the user `kannel`."""

    name: str = "kannel"
    basic: str = "kannel"

    def read(self, delivery: Delivery) -> Inbound:
        """Read a text; its id (`%I`) rides in the address, and is the same at each retry.

        Raises:
            Malformed: when nobody is named as its sender (`send-sender` is not set).
        """
        return Inbound(
            gateway=self.name,
            message_id=text_of(delivery.query, "id").strip() or None,
            sender=sender_of(delivery.headers, "x-kannel-from"),
            text=storable(_decoded(delivery.body, delivery.charset)),
        )

    def answer(self, reply: str | None) -> Answer:
        """Answer with the reply itself, marked where the 7-bit alphabet cannot hold it."""
        words = reply or ""
        headers = {} if is_gsm7(words) else {"X-Kannel-Coding": _UCS2}
        return Answer(words, "text/plain; charset=utf-8", headers)


def _decoded(body: bytes, charset: str) -> str:
    """Read the body as it says it is written, and never fail."""
    codec = _CODECS.get(charset.lower(), "utf-8")
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return body.decode("latin-1" if codec == "utf-8" else codec, "replace")
