"""What a parameter may be: small checkers, put together into tables.

A checker takes the value as it came and the parameter's name as Stripe writes it, and returns the
value as Stripe reads it, or raises the error that Stripe answers.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.stripe.errors import StripeError, invalid

Checker = Callable[[object, str], Any]

INTEGER = re.compile(r"-?[0-9]{1,18}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


def _string(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise invalid("Invalid string: " + name, name)
    if value == "":
        message = (
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to"
            f" unset a parameter; however '{name}' cannot be unset. You should remove '{name}'"
            " from your request or supply a non-empty value."
        )
        raise invalid(message, name, "parameter_invalid_empty")
    return value


def text(longest: int = 5000) -> Checker:
    """Any text up to `longest` characters, not empty."""

    def check(value: object, name: str) -> str:
        string = _string(value, name)
        if len(string) > longest:
            message = f"Invalid string: {name} must be at most {longest} characters"
            raise invalid(message, name, "parameter_invalid_string_length")
        return string

    return check


def unset(checker: Checker) -> Checker:
    """What `checker` takes, or an empty value, which clears the field: None."""
    return lambda value, name: None if value == "" else checker(value, name)


def integer(low: int | None = None, high: int | None = None) -> Checker:
    """A whole number between bounds."""

    def check(value: object, name: str) -> int:
        string = _string(value, name)
        if not INTEGER.fullmatch(string):
            raise invalid(f"Invalid integer: {string}", name, "parameter_invalid_integer")
        number = int(string)
        if low is not None and number < low:
            message = f"This value must be greater than or equal to {low}."
            raise invalid(message, name, "parameter_invalid_integer")
        if high is not None and number > high:
            message = f"This value must be less than or equal to {high}."
            raise invalid(message, name, "parameter_invalid_integer")
        return number

    return check


def boolean(value: object, name: str) -> bool:
    """`true` or `false`."""
    string = _string(value, name)
    if string not in ("true", "false"):
        raise invalid(f"Invalid boolean: {string}", name)
    return string == "true"


def choice(*values: str) -> Checker:
    """One of `values`."""

    def check(value: object, name: str) -> str:
        string = _string(value, name)
        if string not in values:
            raise invalid(f"Invalid {name}: must be one of {', '.join(values)}", name)
        return string

    return check


def url(value: object, name: str) -> str:
    """An absolute address of the web."""
    string = _string(value, name)
    parts = urlsplit(string)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Not a valid URL", name, "url_invalid")
    return string


def email(value: object, name: str) -> str:
    """An e-mail address, roughly."""
    string = text(512)(value, name)
    if not ADDRESS.fullmatch(str(string)):
        raise invalid(f"Invalid email address: {string}", name, "email_invalid")
    return str(string)


def metadata(value: object, name: str) -> dict[str, str]:
    """Up to 50 keys of 40 characters with values of 500; an empty value unsets its key."""
    if value == "":
        return {}
    if not isinstance(value, Mapping):
        raise invalid(f"Invalid object: {name}", name)
    if len(value) > MOST_KEYS:
        raise invalid(f"Metadata can hold at most {MOST_KEYS} keys", name)
    for key, each in value.items():
        if not isinstance(each, str):
            raise invalid("Metadata values must be strings", f"{name}[{key}]")
        if len(key) > LONGEST_KEY:
            raise invalid(f"Metadata keys can have up to {LONGEST_KEY} characters", name)
        if len(each) > LONGEST_VALUE:
            message = f"Metadata values can have up to {LONGEST_VALUE} characters"
            raise invalid(message, f"{name}[{key}]")
    return dict(value)


def many(checker: Checker, most: int = 100) -> Checker:
    """A list of what `checker` takes."""

    def check(value: object, name: str) -> list[Any]:
        if not isinstance(value, list) or not value:
            raise invalid("Invalid array", name)
        if len(value) > most:
            raise invalid(f"Invalid array: {name} may have at most {most} items", name)
        return [checker(each, f"{name}[{number}]") for number, each in enumerate(value)]

    return check


def group(
    fields: Mapping[str, Checker],
    required: tuple[str, ...] = (),
    not_here: frozenset[str] = frozenset(),
) -> Checker:
    """Named parameters; `not_here` are Stripe's own that this stand-in does not play."""

    def check(value: object, name: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise invalid("Invalid object", name)
        inside = f"{name}[{{}}]" if name else "{}"
        for key in value:
            if key not in fields:
                raise _unknown(inside.format(key), known_to_stripe=key in not_here)
        for key in required:
            if key not in value:
                missing = inside.format(key)
                raise invalid(f"Missing required param: {missing}.", missing, "parameter_missing")
        return {key: fields[key](each, inside.format(key)) for key, each in value.items()}

    return check


def _unknown(name: str, *, known_to_stripe: bool) -> StripeError:
    if known_to_stripe:
        return invalid(f"The sandbox does not play the parameter {name}", name)
    return invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")
