"""What tests look up in a house that was broken."""

import json

from tests.faults.house import House
from tests.faults.oracle import payments, pledges


def intent(house: House, number: int = 0) -> str:
    return payments(house.database)[number].payment_intent or ""


def subscription(house: House) -> str:
    return pledges(house.database)[-1].stripe_subscription or ""


def sent(house: House, kind: str) -> list[bytes]:
    """Return the events of a kind as they were posted."""
    found = [event for event in house.sandbox.sent_events if event["type"] == kind]
    return [json.dumps(event, indent=2).encode() for event in found]
