"""Logs: constant messages with ids beside them, and no personal data.

Whatever a record carries beside its message is written only if its name is on the list below; and
of an exception its kind and where it happened, never its words: those quote what people typed.
"""

import json
import logging
import sys
import traceback
from typing import TextIO

# What may stand in a log line. None of it says who somebody is.
_ALLOWED = (
    "attempts",
    "branch",
    "count",
    "error",
    "event",
    "final",
    "gateway",
    "job",
    "kind",
    "mail",
    "member",
    "method",
    "outcome",
    "path",
    "payment",
    "payout",
    "pledge",
    "state",
    "status",
)


class Lines(logging.Formatter):
    """One line a record, as text or as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Write the constant message, the allowed extras, and where an exception came from."""
        extras = {key: record.__dict__[key] for key in _ALLOWED if key in record.__dict__}
        if record.exc_info and record.exc_info[0]:
            extras["error"] = record.exc_info[0].__name__
            extras["at"] = _frames(record)
        head = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(record.msg),
        }
        if self.as_json:
            return json.dumps(head | extras, default=str)
        return _one_line([*head.values(), *(f"{key}={value}" for key, value in extras.items())])


def set_up(kind: str, stream: TextIO | None = None) -> None:
    """Send this process's log to `stream` (standard error) as `text` or `json` lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(as_json=kind == "json"))
    root = logging.getLogger()
    for other in [each for each in root.handlers if isinstance(each.formatter, Lines)]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for quiet in ("stripe", "urllib3", "alembic", "werkzeug", "mail.log"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def _one_line(parts: list[str]) -> str:
    """Join the parts; what would begin a new line, or move a terminal's cursor, is escaped."""
    line = " ".join(parts)
    return "".join(
        letter if letter.isprintable() and letter.isascii() else ascii(letter)[1:-1]
        for letter in line
    )


def _frames(record: logging.LogRecord) -> str:
    frames = traceback.extract_tb(record.exc_info[2] if record.exc_info else None)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
