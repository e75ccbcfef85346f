"""The environment: settings are text; each is parsed, or told as a fault that names it.

Nothing is raised here, so that a start can tell every fault at once. No fault repeats a value: it
may be a secret.
"""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.addresses import EmailAddress, NotAnEmailAddress

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f]*:[0-9a-f:.]+")
_MANY_DIGITS = 10
_PORTS = {"http": 80, "https": 443}
_DATABASES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


class Environment:
    """Reads settings out of `values`; `faults` says in words what is wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.faults: list[str] = []

    def fault(self, name: str, words: str) -> None:
        """Note what is wrong with a setting, once."""
        if f"{name}: {words}" not in self.faults:
            self.faults.append(f"{name}: {words}")

    def is_faulty(self, name: str) -> bool:
        """Whether a fault of this setting is known already."""
        return any(fault.startswith(f"{name}: ") for fault in self.faults)

    def text(self, name: str, default: str = "") -> str:
        """Return the setting; one that is empty counts as not set."""
        return self.values.get(name, "").strip() or default

    def texts(self, name: str, default: str = "") -> tuple[str, ...]:
        """Return the parts of a comma-separated setting."""
        return tuple(part.strip() for part in self.text(name, default).split(",") if part.strip())

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """Return one of the allowed words; the first is the default."""
        value = self.text(name, allowed[0])
        if value in allowed:
            return value
        self.fault(name, f"must be one of {', '.join(sorted(allowed))}")
        return allowed[0]

    def whole(self, name: str, default: int, least: int = 0, most: int = 65535) -> int:
        """Return a whole number."""
        value = self.text(name, str(default))
        digits = value.isascii() and value.isdigit() and len(value) < _MANY_DIGITS
        if digits and least <= int(value) <= most:
            return int(value)
        self.fault(name, f"must be a whole number from {least} to {most}")
        return default

    def port(self, name: str, default: int) -> int:
        """Return the number of a port."""
        return self.whole(name, default, least=1)

    def address(self, name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """Return the address of a service, without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        if _split(value, schemes) is None:
            self.fault(name, f"must be an address that begins with {_or(schemes)}")
        return value

    def origin(self, name: str, default: str) -> str:
        """Return an origin as browsers write it: lower case, no port where it is the usual one."""
        found = _origin(self.text(name, default))
        if found is None:
            self.fault(name, "must be an origin such as https://give.example, without a path")
        return found or default

    def origins(self, name: str, default: str) -> tuple[str, ...]:
        """Return a list of origins as browsers write them."""
        found = [_origin(part) for part in self.text(name, default).replace(",", " ").split()]
        if None in found:
            self.fault(name, "must be origins such as https://pay.example")
        return tuple(origin for origin in found if origin)

    def mailbox(self, name: str, default: str) -> str:
        """Return an address to write from, with a name before it or without."""
        value = self.text(name, default)
        try:
            EmailAddress.parse(parseaddr(value)[1] if value.isprintable() else "")
        except NotAnEmailAddress:
            self.fault(name, "must be an address such as Name <name@example.org>")
        return value

    def database(self, name: str, default: str, root: Path) -> str:
        """Return the URL of a database; a relative file of SQLite's stands in `root`."""
        value = self.text(name, default)
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            self.fault(name, "is not an SQLAlchemy URL")
            return default
        if url.drivername not in _DATABASES:
            self.fault(name, "must begin with sqlite:// or postgresql://")
        file = url.database
        if not url.drivername.startswith("sqlite") or not file or file == ":memory:":
            return value
        return url.set(database=str(root / file)).render_as_string(hide_password=False)


def _split(value: str, schemes: tuple[str, ...]) -> SplitResult | None:
    """Take an address apart, or return None where it is not one."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if sound and value.isprintable() else None


def _origin(value: str) -> str | None:
    value = value.rstrip("/")
    parts = _split(value, ("http", "https"))
    if parts is None or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        return None
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, _PORTS[parts.scheme])
    return f"{parts.scheme}://{host}" if usual else f"{parts.scheme}://{host}:{parts.port}"


def _or(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)
