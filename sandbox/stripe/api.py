"""The HTTP of Stripe's API: key, version, parameters, idempotency, expansion, answer."""

import base64
import binascii
import json
import re
import socket
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint, Request, Response, request

from sandbox.journal import TakenRequest
from sandbox.stripe import API_VERSION, idempotency
from sandbox.stripe.book import Record, open_book
from sandbox.stripe.endpoints import Endpoint, find
from sandbox.stripe.errors import StripeError, fault_of, unauthorised, unknown_address
from sandbox.stripe.expanding import expand
from sandbox.stripe.forms import nest
from sandbox.stripe.ids import new_id
from sandbox.world import World, world

api = Blueprint("stripe_api", __name__)

TEST_KEY = re.compile(r"(sk|rk)_test_\w{3,}")
FORM = "application/x-www-form-urlencoded"
METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]


class Call(NamedTuple):
    """One request to the API, read."""

    id: str
    method: str
    path: str
    params: list[tuple[str, str]]
    key: str | None

    @property
    def name(self) -> str:
        """What knobs match against."""
        return f"{self.method} {self.path}"


@api.route("/v1/<path:_>", methods=METHODS)
def serve(_: str) -> Response:
    """Answer any request under /v1, and keep it in the journal."""
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    params = [*request.args.items(multi=True), *request.form.items(multi=True)]
    call = Call(new_id("req", 14), request.method, request.path, params, key)
    answer = _answer(world(), call)
    if answer.status == HTTPStatus.OK and world().knobs.take("lose", call.name):
        _hang_up(request)
    taken = TakenRequest(call.method, call.path, tuple(params), key, answer.status, answer.body)
    world().journal.requests.append(taken)
    response = Response(json.dumps(answer.body, indent=2), answer.status)
    response.content_type = "application/json"
    response.headers["Request-Id"] = call.id
    response.headers["Stripe-Version"] = API_VERSION
    if key:
        response.headers["Idempotency-Key"] = key
    if answer.request_id != call.id:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = answer.request_id
    return response


def _answer(world: World, call: Call) -> idempotency.Answer:
    try:
        _admit(request)
        found = find(call.method, call.path)
        if found is None:
            raise unknown_address(call.method, call.path)
        endpoint, object_id = found
        if call.key is None:
            return idempotency.Answer(200, _run(world, call, endpoint, object_id), call.id)
        print_ = idempotency.fingerprint(call.method, call.path, call.params)
        stored = idempotency.begin(world, call.key, print_, call.id)
        return stored or _run_once(world, call, endpoint, object_id)
    except StripeError as fault:
        return idempotency.Answer(fault.status, fault.body, call.id)


def _run_once(world: World, call: Call, endpoint: Endpoint, object_id: str) -> idempotency.Answer:
    """Run under a claimed key; a refusal is kept or the key freed, as Stripe does."""
    key = call.key or ""
    try:
        body = _run(world, call, endpoint, object_id)
    except StripeError as fault:
        idempotency.finish(world, key, fault.status, fault.body)
        raise
    except BaseException:
        idempotency.finish(world, key, 409, {})
        raise
    return idempotency.Answer(200, body, call.id)


def _run(world: World, call: Call, endpoint: Endpoint, object_id: str) -> Record:
    """Check the parameters and do the work, effect and kept answer in one transaction."""
    wishes: dict[str, Any] = endpoint.takes(nest(call.params), "")
    paths = wishes.pop("expand", [])
    _suffer(world, call)
    with open_book(world, {"id": call.id, "idempotency_key": call.key}) as book:
        body = expand(book, endpoint.does(book, object_id, wishes), paths)
        if call.key is not None:
            book.connection.execute(idempotency.KEEP, (200, json.dumps(body), call.key))
    return body


def _suffer(world: World, call: Call) -> None:
    """Let the faults that were ordered happen, before the call has any effect.

    Raises:
        StripeError: the fault was an error.
    """
    world.knobs.hang(call.name)
    error = world.knobs.take("error", call.name)
    if error:
        raise fault_of(error.status)


def _hang_up(request: Request) -> None:
    """Close the connection, so that the answer that follows reaches nobody."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)


def _admit(request: Request) -> None:
    """See that there is a test key, the pinned version and a form.

    Raises:
        StripeError: 401 or 400.
    """
    key = _key_of(request)
    if key is None:
        raise unauthorised(
            "You did not provide an API key. You need to provide your API key in the"
            " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
            " YOUR_SECRET_KEY')."
        )
    if not TEST_KEY.fullmatch(key):
        raise unauthorised(f"Invalid API Key provided: {key[:8]}{'*' * 12}")
    version = request.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        message = f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION}."
        raise StripeError(400, "invalid_request_error", message)
    if request.content_length and request.mimetype != FORM:
        message = f"Invalid request: the Content-Type must be {FORM}"
        raise StripeError(400, "invalid_request_error", message)


def _key_of(request: Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return None
