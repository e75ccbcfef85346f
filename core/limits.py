"""Rate limits: how many requests one address may make (Flask-Limiter)."""

import ipaddress

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address

_IPV6_NETWORK = 64  # one household or server has a whole /64 to walk through


def caller() -> str:
    """Return the address that is counted: an IPv4 address, or an IPv6 network of 64 bits."""
    address = get_remote_address()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # how a socket that listens for both tells an IPv4 address
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))


def set_up(app: Flask, *, storage: str, api_a_second: int, posts_a_second: int) -> Limiter:
    """Limit the API, and the forms, by address; pages and gateways are never limited here.

    With Redis gone, each process counts for itself: limits never fall away.
    """

    def api() -> bool:
        return request.path.startswith("/api/")

    def uncounted() -> bool:
        return request.path.startswith("/webhooks/") or not (api() or request.method == "POST")

    def rate() -> str:
        return f"{api_a_second if api() else posts_a_second} per second"

    limiter = Limiter(
        key_func=caller,
        application_limits=[ApplicationLimit(limit_provider=rate, exempt_when=uncounted)],
        storage_uri=storage,
        strategy="moving-window",
        headers_enabled=True,
        in_memory_fallback_enabled=not storage.startswith("memory"),
    )
    limiter.init_app(app)
    return limiter
