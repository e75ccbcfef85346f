"""Closes every socket but loopback's to a Python process, and notes each try to reach further.

The tests have it at work in themselves (`tests/conftest.py`), and in the processes that they start
with this folder first in `PYTHONPATH`, where Python runs it by its name.
"""

import ipaddress
import os
import socket
import sys
from pathlib import Path

_NAMED = "TRIED_TO_REACH"
_ASKED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}
_OWN = {None, "", b"", "localhost", b"localhost", socket.gethostname()}

tried: list[str] = []
"""Whatever was asked for, in this process, that is not on this machine."""


class Closed(socket.gaierror):
    """Nothing but this machine can be reached: what a resolver says that has nobody to ask."""


def is_here(host: object) -> bool:
    """Tell whether a host, by name or address, is this machine itself."""
    if host in _OWN:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(text)).is_loopback  # as short as 127.1
    except OSError:
        return False


def _watch(event: str, args: tuple[object, ...]) -> None:
    place = _ASKED.get(event)
    if place is None:
        return
    host = args[place]
    if place and not isinstance(host, tuple):
        return  # a socket of this machine's own files, or one that is connected already
    if isinstance(host, tuple):
        host = host[0]
    if not is_here(host):
        tried.append(f"{event} {host!r}")
        if _NAMED in os.environ:
            with Path(os.environ[_NAMED]).open("a", encoding="utf-8") as noted:
                noted.write(f"{tried[-1]}\n")
        raise Closed(socket.EAI_AGAIN, "only this machine can be reached")


sys.addaudithook(_watch)
