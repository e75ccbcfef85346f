"""Outgoing HTTP: one way to call the outside, with nothing surprising in it."""

import requests


def outgoing() -> requests.Session:
    """Return a session that follows no redirect, and reads no proxy or password from around it."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["User-Agent"] = "Groundswell"
    return session
