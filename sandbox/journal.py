"""What passed between the service and the stand-ins, for a test to look at."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

KEPT = 10_000


@dataclass(frozen=True)
class TakenRequest:
    """One call of Stripe's API and its answer; `params` as they came, query before form."""

    method: str
    path: str
    params: Sequence[tuple[str, str]]
    idempotency_key: str | None
    status: int
    body: dict[str, Any]


class Journal:
    """The last requests and events, in memory alone; appending is safe from any thread."""

    def __init__(self) -> None:
        self.requests: deque[TakenRequest] = deque(maxlen=KEPT)
        self.events: deque[dict[str, Any]] = deque(maxlen=KEPT)
