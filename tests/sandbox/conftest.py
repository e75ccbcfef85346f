from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.handle import Sandbox
from sandbox.serving import running_sandbox
from tests.sandbox.client import Client
from tests.sandbox.listener import Listener, listening
from tests.sandbox_controls import Controls
from tests.stripe_openapi.checking import check_event, check_response, check_taken


@pytest.fixture
def service() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def sandbox(service: Listener, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose every answer and event is held against Stripe's description at the end."""
    with running_sandbox(service.url, tmp_path) as running:
        yield running
        hold_to_the_spec(running)


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox.stripe)


@pytest.fixture
def controls(sandbox: Sandbox) -> Controls:
    return Controls.of(sandbox)


def hold_to_the_spec(sandbox: Sandbox) -> None:
    for request in sandbox.requests:
        if request.status == 200:
            check_taken(request)
        else:
            check_response(request.method, request.path, request.status, request.body)
    for event in sandbox.sent_events:
        check_event(event)
