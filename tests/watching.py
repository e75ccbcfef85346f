"""What every test is watched for: personal data in a log line, and a try to reach the network."""

import logging
import re

from core.logs import Lines
from tests.closed.sitecustomize import tried

# What the tests type wherever people would: the numbers and addresses reserved for made-up people,
# and postcodes, which are known by their shape. A UUID has no part of six or seven characters.
CANARIES = re.compile(
    r"(?:\+44|0044|0)[ ().-]{0,2}7700[ .-]?900[ .-]?[0-9]{3}"
    r"|[a-z0-9._+-]{1,64}@example\.(?:org|com|net)"
    r"|\b[a-z]{1,2}[0-9][a-z0-9]?(?: |%20|\+)?[0-9][abd-hjlnp-uw-z]{2}\b"
    r"|\bSam Jones\b",
    re.IGNORECASE,
)


class Listener(logging.Handler):
    """Keeps the lines that hold what no log may hold, as the service would write them."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = Lines(as_json=False)
        self.telling: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record, whichever logger it came by."""
        line = self._lines.format(record)
        # The head is the time, in which no canary stands.
        if CANARIES.search(line):
            self.telling.append(line)


listener = Listener()


def begin() -> None:
    """Forget what was heard: a test begins."""
    root = logging.getLogger()
    root.addHandler(listener)  # once: adding it again does nothing
    root.setLevel(logging.INFO)  # as the service sets it
    listener.telling.clear()
    tried.clear()


def heard() -> list[str]:
    """Say what should not have been: lines that tell, and hosts that were asked for."""
    return [*listener.telling, *tried]
