"""What is true of a Checkout, told by the sandbox itself and not by its API."""

from dataclasses import dataclass
from typing import Any

from sandbox.handle import Sandbox

Record = dict[str, Any]
RECEIVED, CONFIRMING, NOT_TAKEN, REFUNDED = "received", "confirming", "not-taken", "refunded"
_ARGUED = ("needs_response", "under_review")


@dataclass(frozen=True, slots=True)
class Truth:
    """How a Checkout stands: what its page has to say, and what it had to say before.

    `payable` says that it can still be paid, `pence_back` what was given back of it.
    """

    state: str
    before: frozenset[str] = frozenset()
    payable: bool = False
    pence_back: int = 0

    def may_be_told(self, *, answered: bool, up_to_date: bool) -> set[str]:
        """Return what a page may say where the house had an answer, or was told all, or not.

        Who lags behind may say what was true before, but never that nothing was taken.
        """
        if answered and up_to_date:
            return {self.state}
        lagging = {self.state} | (self.before - {NOT_TAKEN})
        return lagging if answered else lagging | {CONFIRMING}


def of_checkout(sandbox: Sandbox, books: Record, session_id: str) -> Truth:
    """Return how a Checkout stands."""
    session = sandbox.find(session_id)
    assert session is not None, session_id
    if session["status"] != "complete":
        return Truth(NOT_TAKEN, payable=session["status"] == "open")
    key, name = ("invoice", session["invoice"]) if session["invoice"] else ("session", session_id)
    charge = [each for each in books["charges"] if each[key] == name][-1]
    debit = {CONFIRMING} if charge["method"] == "bacs_debit" else set()
    if charge["status"] == "pending":
        return Truth(CONFIRMING)
    if charge["status"] == "failed":
        return Truth(NOT_TAKEN, frozenset(debit))
    return _of_money(charge, debit | {RECEIVED})


def _of_money(charge: Record, before: set[str]) -> Truth:
    disputes = [each["status"] for each in charge["disputes"]]
    back = charge["refunded"]
    if sum(each["amount"] for each in charge["refunds"]) >= charge["amount"] or "lost" in disputes:
        before |= {REFUNDED}
    if any(not status.startswith("warning") for status in disputes):
        before |= {CONFIRMING}
    if "lost" in disputes:
        state = REFUNDED
    elif any(status in _ARGUED for status in disputes):
        state = CONFIRMING
    else:
        state = REFUNDED if back == charge["amount"] else RECEIVED
    return Truth(state, frozenset(before), pence_back=back)


def raised(books: Record, gifts: set[str]) -> int:
    """Return what the gifts among the pledges have come to: less refunds, less disputes."""
    found = 0
    for charge in books["charges"]:
        if charge["status"] == "succeeded" and charge["client_reference_id"] in gifts:
            argued = sum(
                each["amount"]
                for each in charge["disputes"]
                if each["status"] in (*_ARGUED, "lost")
            )
            found += charge["amount"] - charge["refunded"] - argued
    return int(found)
