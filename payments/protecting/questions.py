"""Questions that a person can answer without JavaScript, and a screen reader can read.

The slip that goes with one is signed, expires, and is bound to the number of the form and to whom
the form is of: so the answer to one opens one form. Whoever reads the words can answer it, a script
too; what keeps that small is how few answers of one address count (`meters.Meters.answer`).
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer

_SALT = "payments:question"
_SMALLEST, _LARGEST = 2, 10


class Kind(StrEnum):
    """What is asked of two numbers."""

    SUM = "sum"
    DIFFERENCE = "difference"
    LARGER = "larger"
    SMALLER = "smaller"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the larger number stands first in a difference."""

    kind: Kind
    first: int
    second: int

    @property
    def answer(self) -> int:
        """What is right."""
        answers = {
            Kind.SUM: self.first + self.second,
            Kind.DIFFERENCE: self.first - self.second,
            Kind.LARGER: max(self.first, self.second),
            Kind.SMALLER: min(self.first, self.second),
        }
        return answers[self.kind]


@dataclass(frozen=True, slots=True)
class Slip:
    """A question that was put: for which form, whose, until when."""

    form: str
    who: str
    until: dt.datetime
    question: Question


def draw() -> Question:
    """Make up a question."""
    kind = secrets.choice(list(Kind))
    low = _SMALLEST + secrets.randbelow(_LARGEST - _SMALLEST)
    high = low + 1 + secrets.randbelow(_LARGEST - low)
    turned = kind is not Kind.DIFFERENCE and secrets.randbelow(2)
    return Question(kind, low, high) if turned else Question(kind, high, low)


def write(slip: Slip, key: str) -> str:
    """Return the slip as it goes into the page."""
    asked = slip.question
    until = int(slip.until.timestamp())
    return str(
        URLSafeSerializer(key, salt=_SALT).dumps(
            [slip.form, slip.who, until, asked.kind, asked.first, asked.second]
        )
    )


def read(sent: str, key: str, *, now: dt.datetime) -> Slip | None:
    """Return the slip that was sent along, if it is ours and still good."""
    try:
        form, who, until, kind, first, second = URLSafeSerializer(key, salt=_SALT).loads(sent)
        moment = dt.datetime.fromtimestamp(until, dt.UTC)
        slip = Slip(form, who, moment, Question(Kind(kind), first, second))
    except (BadData, ValueError, TypeError, OverflowError, OSError):
        return None
    return slip if now < slip.until else None
