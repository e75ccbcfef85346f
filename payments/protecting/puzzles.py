"""Proof of work by the ALTCHA protocol (altcha.org, version 2): bound to a form, and expiring.

The proof is a number whose key, derived by PBKDF2, begins with given digits. It is a fraction of a
second's work at first, and more for an address that tries again and again. It is bound to the
number of the form, and a form makes one pledge however often it is sent: so it is worth one.
"""

import datetime as dt
import json
from enum import StrEnum
from typing import Any

from altcha import Payload, create_challenge, verify_solution

_ALGORITHM = "PBKDF2/SHA-256"
_MOST_CHARACTERS = 4096
# What the key has to begin with, and how many rounds one takes: by turns, each some four times the
# work of the one before. Checking a proof takes us so many rounds once.
_HARDNESS = (("00", 1000), ("00", 4000), ("000", 1000), ("000", 4000), ("0000", 1000))


class Proved(StrEnum):
    """What was sent as a proof. What is late was good, and lay about for too long."""

    GOOD = "good"
    LATE = "late"
    BAD = "bad"
    NOTHING = "nothing"


def make(form: str, key: str, *, hardness: int, until: dt.datetime) -> str:
    """Return what a browser is asked to prove for the form of this number, as JSON."""
    prefix, rounds = _HARDNESS[min(hardness, len(_HARDNESS) - 1)]
    challenge = create_challenge(
        _ALGORITHM,
        rounds,
        key_prefix=prefix,
        data={"form": form, "until": int(until.timestamp())},
        hmac_secret=_secret(key),
    )
    return json.dumps(challenge.to_dict())


def check(sent: str, form: str, key: str, *, now: dt.datetime) -> Proved:
    """Say whether what was sent proves the work for this form, in time; rubbish does not."""
    if not sent:
        return Proved.NOTHING
    if len(sent) > _MOST_CHARACTERS or not sent.isascii():
        return Proved.BAD
    try:
        proved = verify_solution(sent, _secret(key)).verified
        data: dict[str, Any] = (
            proved and Payload.from_base64(sent).challenge.parameters.data
        ) or {}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, OverflowError):
        return Proved.BAD  # whatever it is, it is no proof
    if data.get("form") != form:
        return Proved.BAD
    return Proved.GOOD if now.timestamp() < data["until"] else Proved.LATE


def _secret(key: str) -> str:
    return f"altcha:{key}"
