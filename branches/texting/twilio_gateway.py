"""Twilio: a form signed by HMAC-SHA1, and TwiML for an answer.

The signature is over the address as Twilio was told it, which a proxy hides from us, so it is made
of our own public address; every field counts, also those added since this was written
(https://www.twilio.com/docs/usage/security, "Validating requests").
"""

import base64
import hmac
import html
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlsplit

from branches.texting.gateways import Answer, Delivery, Inbound, ReplyBy, sender_of, text_of

# As the whole message: Twilio answers these itself, blocks or unblocks the number, and tells us. A
# reply of ours to a number that it has blocked is an error (21610).
_ANSWERED_BY_TWILIO = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
    | {"START", "YES", "UNSTOP"}
    | {"HELP", "INFO"}
)
_PORTS = {"http": 80, "https": 443}
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class TwilioGateway:
    """Known by its signature with any of the auth tokens, several while they are rolled."""

    tokens: tuple[str, ...]
    public_url: str
    name: str = "twilio"
    basic: None = None

    @property
    def switched_on(self) -> bool:
        """Whether a token is set for it."""
        return bool(self.tokens)

    def admits(self, delivery: Delivery) -> bool:
        """Say whether the form was signed for this address."""
        given = delivery.headers.get("x-twilio-signature", "").encode()
        return any(
            hmac.compare_digest(given, signature(token, url, delivery.form))
            for token in self.tokens
            for url in _spellings(self.public_url + delivery.target)
        )

    def read(self, delivery: Delivery) -> Inbound:
        """Read a text; one that Twilio answers by itself is marked so.

        Raises:
            Malformed: when nobody is named as its sender.
        """
        fields = dict(reversed(delivery.form))
        text = text_of(fields, "Body")
        by_twilio = "OptOutType" in fields or text.strip().upper() in _ANSWERED_BY_TWILIO
        return Inbound(
            gateway=self.name,
            message_id=text_of(fields, "MessageSid").strip() or None,
            sender=sender_of(fields, "From"),
            text=text,
            reply_by=ReplyBy.GATEWAY if by_twilio else ReplyBy.ANSWER,
        )

    def answer(self, reply: str | None) -> Answer:
        """Answer in TwiML: one message, or an empty response."""
        words = html.escape(_NOT_IN_XML.sub("", reply or ""), quote=False)
        inside = f"<Response><Message>{words}</Message></Response>" if words else "<Response/>"
        body = f'<?xml version="1.0" encoding="UTF-8"?>{inside}'
        return Answer(body, "text/xml; charset=utf-8")


def signature(token: str, url: str, form: Sequence[tuple[str, str]]) -> bytes:
    """Sign an address and the fields of a form, by name, of each name every value once."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in form:
        values[name].add(value)
    signed = url + "".join(
        name + value for name in sorted(values) for value in sorted(values[name])
    )
    digest = hmac.new(token.encode(), signed.encode("utf-8", "surrogatepass"), sha1).digest()
    return base64.b64encode(digest)


def _spellings(url: str) -> Iterator[str]:
    """Give the address with its port and, where that is the usual one, without: Twilio varies."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    behind = url[len(f"{parts.scheme}://{parts.netloc}") :]
    yield f"{parts.scheme}://{host}:{parts.port or _PORTS[parts.scheme]}{behind}"
    yield f"{parts.scheme}://{host}{behind}"
