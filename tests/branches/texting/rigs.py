"""How each gateway hands over a text and gets its reply, for the tests that hold for all."""

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, ClassVar

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types
from werkzeug.test import TestResponse

from branches.texting.android_gateway import signature
from config import Settings
from tests.branches.texting.phone import Phone
from tests.fakes import FakeClock

SECRETS = ("the secret in use", "thé secret before")
OWN = "+447761818206"
SAM = "+447700900123"
TEXT = "Sam Jones E11 1AA"


def basic(user: str, password: str) -> dict[str, str]:
    given = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {given}"}


@dataclass
class Rig:
    """One gateway. `refusal` is what it gets that cannot prove who it is."""

    client: FlaskClient
    clock: FakeClock
    phone: Phone
    work: Callable[[], None]
    public_url: str
    secret: str = SECRETS[0]
    refusal: ClassVar[int] = 401
    waits: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return type(self).__name__.lower()

    @property
    def path(self) -> str:
        return f"/webhooks/sms/{self.name}"

    def send(self, text: str = TEXT, *, sender: str = SAM, id: str = "1") -> TestResponse:  # noqa: A002 -- what gateways call it
        raise NotImplementedError

    def send_raw(self, body: bytes) -> TestResponse:
        """Send any bytes, with proof."""
        raise NotImplementedError

    def written(self, response: TestResponse) -> str | None:
        """Read the reply out of the answer."""
        raise NotImplementedError

    def reply(self, response: TestResponse) -> str | None:
        """Return what the sender is texted, or None."""
        assert response.status_code == 200, response.text
        if self.waits:
            return self.written(response)
        before = len(self.phone.sent)
        self.work()
        new = self.phone.texts()[before:]
        assert len(new) <= 1
        return new[0] if new else None

    def text(self, text: str = TEXT, *, sender: str = SAM, id: str = "1") -> str | None:  # noqa: A002 -- likewise
        return self.reply(self.send(text, sender=sender, id=id))


class Generic(Rig):
    def send(self, text: str = TEXT, *, sender: str = SAM, id: str = "1") -> TestResponse:  # noqa: A002 -- likewise
        sent = {"from": sender, "to": OWN, "text": text, "id": id}
        return self.client.post(self.path, json=sent, headers=basic("sms", self.secret))

    def send_raw(self, body: bytes) -> TestResponse:
        headers = basic("sms", self.secret)
        kind = "application/json"
        return self.client.post(self.path, data=body, content_type=kind, headers=headers)

    def written(self, response: TestResponse) -> str | None:
        assert response.mimetype == "application/json"
        found: dict[str, Any] = json.loads(response.text)
        assert list(found) == ["reply"]
        reply: str | None = found["reply"]
        return reply


class Kannel(Rig):
    def send(self, text: str = TEXT, *, sender: str = SAM, id: str = "1") -> TestResponse:  # noqa: A002 -- likewise
        return self.send_body(text.encode(), "text/plain; charset=UTF-8", sender=sender, id=id)

    def send_raw(self, body: bytes) -> TestResponse:
        return self.send_body(body, "application/octet-stream")

    def send_body(
        self,
        body: bytes,
        kind: str,
        *,
        sender: str = SAM,
        id: str = "1",  # noqa: A002 -- likewise
    ) -> TestResponse:
        return self.client.post(
            self.path,
            query_string={"id": id},
            data=body,
            content_type=kind,
            headers=basic("kannel", self.secret)
            | {"X-Kannel-From": sender, "X-Kannel-To": OWN, "X-Kannel-SMSC": "net"},
        )

    def written(self, response: TestResponse) -> str | None:
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        return response.text or None


class Android(Rig):
    refusal = 403
    waits = False
    stamp: str | None = None

    def send(self, text: str = TEXT, *, sender: str = SAM, id: str = "1") -> TestResponse:  # noqa: A002 -- likewise
        minute = int(id) if id.isdigit() else 0
        return self.send_raw(json.dumps(event(text, sender=sender, minute=minute)).encode())

    def send_raw(self, body: bytes) -> TestResponse:
        stamp = self.stamp or str(int(self.clock.now().timestamp()))
        headers = {"X-Timestamp": stamp, "X-Signature": signature(self.secret, body, stamp)}
        kind = "application/json"
        return self.client.post(self.path, data=body, content_type=kind, headers=headers)


_emissions = itertools.count()


def event(text: str = TEXT, *, sender: str = SAM, minute: int = 0, **but: object) -> dict[str, Any]:
    """An event as the app emits it: its `id` is new each time."""
    return {
        "deviceId": "ffffffffceb0b1db0000018e937c815b",
        "event": "sms:received",
        "id": f"emission {next(_emissions)}",
        "payload": {
            "messageId": "abc123",
            "message": text,
            "sender": sender,
            "recipient": OWN,
            "simNumber": 1,
            "receivedAt": f"2026-11-22T12:{minute:02}:00.000+00:00",
        },
        "webhookId": "LreFUt-Z3sSq0JufY9uWB",
    } | but


class Twilio(Rig):
    refusal = 403

    def send(self, text: str = TEXT, *, sender: str = SAM, id: str = "1") -> TestResponse:  # noqa: A002 -- likewise
        return self.send_form(form(text, sender=sender, id=id))

    def send_form(self, fields: dict[str, str], *, url: str = "", query: str = "") -> TestResponse:
        signed = RequestValidator(self.secret).compute_signature(
            (url or self.public_url + self.path) + query, fields
        )
        headers = {"X-Twilio-Signature": signed}
        return self.client.post(self.path + query, data=fields, headers=headers)

    def send_raw(self, body: bytes) -> TestResponse:
        return self.send_form(form(body.decode("utf-8", "replace")))

    def written(self, response: TestResponse) -> str | None:
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        head, _, inside = response.text.partition("?>")
        assert head == '<?xml version="1.0" encoding="UTF-8"'
        if inside == "<Response/>":
            return None
        words = inside.removeprefix("<Response><Message>").removesuffix("</Message></Response>")
        return unescape(words)


def form(text: str = TEXT, *, sender: str = SAM, id: str = "1") -> dict[str, str]:  # noqa: A002 -- likewise
    return {
        "ToCountry": "GB",
        "MessageSid": f"SM{id:0>32}",
        "AccountSid": "AC00000000000000000000000000000000",
        "NumMedia": "0",
        "FromCity": "",
        "From": sender,
        "To": OWN,
        "Body": text,
    }


RIGS: dict[str, type[Rig]] = {
    "generic": Generic,
    "kannel": Kannel,
    "android": Android,
    "twilio": Twilio,
}


def all_on(settings: Settings, phone: Phone) -> Settings:
    """Switch every gateway on."""
    return replace(
        settings,
        sms_generic_secrets=SECRETS,
        sms_kannel_secrets=SECRETS,
        sms_android_keys=SECRETS,
        sms_android_api_url=phone.url,
        sms_twilio_tokens=SECRETS,
    )
