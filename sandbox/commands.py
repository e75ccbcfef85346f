"""`python -m sandbox ACTION name=value …`: do something to the sandbox that is running.

    python -m sandbox actions
    python -m sandbox advance days=5
    python -m sandbox refund payment_intent=pi_… amount=500
    python -m sandbox knob kind=lose match='POST /v1/refunds'

prints the answer as JSON. Exit 0 done, 1 refused or not running, 2 wrong usage.
"""

import json
import sys

import requests

SECONDS = 60


def main(arguments: list[str], base_url: str) -> int:
    """Do it; return the exit code."""
    action, *pairs = arguments
    if action in ("-h", "--help") or not all("=" in pair for pair in pairs):
        sys.stdout.write(__doc__ or "")
        return 0 if action in ("-h", "--help") else 2
    wishes = dict(pair.split("=", 1) for pair in pairs)
    address = f"{base_url}/_sandbox/"
    try:
        with requests.Session() as session:
            session.trust_env = False
            if action == "actions":
                answer = session.get(address, timeout=SECONDS)
            else:
                answer = session.post(address + action, json=wishes, timeout=SECONDS)
    except requests.ConnectionError:
        sys.stderr.write(f"No sandbox is running at {base_url}.\n")
        return 1
    sys.stdout.write(json.dumps(answer.json(), indent=2) + "\n")
    return 0 if answer.ok else 1
