"""Weighing an attempt to pay: let it pass, ask it to prove itself, or put it aside."""

from dataclasses import dataclass
from enum import StrEnum

from core.defence import Defence


class Verdict(StrEnum):
    """What becomes of an attempt. Only what passes reaches Stripe."""

    PASS = "pass"  # noqa: S105 -- a verdict
    ASK = "ask"
    ASIDE = "aside"


class Proof(StrEnum):
    """What an attempt has brought to prove itself."""

    NONE = "none"
    WORK = "work"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as it is seen before it is decided on.

    `of_address` and `of_email` are how many there were lately, this one among them, and one for any
    that is within the limit; `trapped` says that it filled in what no person sees.
    """

    of_address: int
    of_email: int
    everybody: bool
    trapped: bool = False
    proof: Proof = Proof.NONE


def must_prove(attempt: Attempt, limits: Defence) -> bool:
    """Say whether the attempt has to prove itself.

    Nobody has to before so many attempts of their address or e-mail address, unless everybody has.
    """
    return (
        attempt.trapped
        or attempt.everybody
        or attempt.of_address > limits.attempts_per_address
        or attempt.of_email > limits.attempts_per_email
    )


def weigh(attempt: Attempt, limits: Defence) -> Verdict:
    """Decide, as far as it can be before what has passed is counted (`meters.Meters.let_through`).

    What fell into the trap is asked whatever it brings: it comes back without the trap filled, so
    that a person gets through and a script that fills in everything never does.
    """
    if not must_prove(attempt, limits):
        return Verdict.PASS
    if attempt.trapped or attempt.proof is Proof.NONE:
        return Verdict.ASK
    return Verdict.ASIDE if attempt.of_email > limits.attempts_per_email else Verdict.PASS


def hardness(of_address: int, limits: Defence) -> int:
    """Return how hard the proof of work has to be: it rises as an address doubles its attempts."""
    return (of_address // limits.attempts_per_address).bit_length()
