import json
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from payments.gateway import NotFromGateway
from payments.models import WebhookEvent
from payments.stripe_gateway import API_VERSION, StripeGateway
from sandbox.stripe.delivering import signature
from tests.conftest import Work

EVENT = {"id": "evt_1", "type": "a.kind.of.tomorrow", "new_field": {"deep": [1]}}


def send(client: FlaskClient, event: object, header: str = "good") -> int:
    answer = client.post(
        "/webhooks/stripe", data=json.dumps(event), headers={"Stripe-Signature": header}
    )
    return answer.status_code


def test_a_bad_signature_is_refused_and_nothing_is_stored(
    client: FlaskClient, database: Database
) -> None:
    assert send(client, EVENT, header="forged") == 400
    with database.reading() as session:
        assert session.scalars(select(WebhookEvent)).all() == []


def test_an_unknown_kind_is_stored_as_it_came_and_ignored(
    client: FlaskClient, database: Database, work: Work
) -> None:
    assert [send(client, EVENT) for _time in range(3)] == [200, 200, 200]
    work()
    with database.reading() as session:
        event = session.scalars(select(WebhookEvent)).one()
    assert json.loads(event.raw) == EVENT
    assert (event.outcome, event.due_at) == ("ignored", None)


def test_a_notice_that_fails_stays_and_is_tried_again(
    app: Flask, client: FlaskClient, database: Database, work: Work
) -> None:
    assert send(client, {"id": "evt_2", "type": "x", "session": {"not": "hashable"}}) == 200
    work()
    with database.reading() as session:
        event = session.scalars(select(WebhookEvent)).one()
    assert (event.attempts, event.last_error, event.outcome) == (1, "TypeError", None)
    assert event.due_at is not None
    app.extensions["clock"].move(minutes=1)
    work()
    with database.reading() as session:
        assert session.scalars(select(WebhookEvent)).one().attempts == 2


def signed(raw: bytes, secret: str) -> str:
    """Sign as Stripe does; the stand-in wrote this down without looking at our library."""
    return signature(raw, secret, int(time.time()))


def real_gateway() -> StripeGateway:
    return StripeGateway("sk_test_x", ["whsec_new", "whsec_old"], "http://127.0.0.1:1")


def body(**but: object) -> bytes:
    event = {"id": "evt_1", "type": "invoice.paid", "created": 1_790_000_000, "livemode": False}
    return json.dumps({**event, "api_version": API_VERSION, **but}).encode()


@pytest.mark.parametrize("secret", ["whsec_new", "whsec_old"])
def test_both_secrets_are_good_while_rolling(secret: str) -> None:
    raw = body()
    notice = real_gateway().verify(raw, signed(raw, secret))
    assert (notice.event_id, notice.api_version) == ("evt_1", API_VERSION)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"id": "evt_1"}',
        body(created="soon"),
        body(id="\ud800"),
        body(api_version={}),
        b"[" * 50_000,
    ],
)
def test_a_signed_notice_that_cannot_be_read_is_refused(raw: bytes) -> None:
    header = signed(raw, "whsec_new")
    with pytest.raises(NotFromGateway):
        real_gateway().verify(raw, header)


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=x,v1=y", "nonsense"])
def test_a_signature_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(NotFromGateway):
        real_gateway().verify(body(), header)
