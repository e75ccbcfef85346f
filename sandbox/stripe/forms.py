"""Form-encoded parameters, nested as Stripe nests them."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.stripe.errors import invalid

NAME = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*")
STEP = re.compile(r"\[([^\[\]]*)\]")


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn `a[b]=1`, `c[0]=2` and `d[]=3` into maps and lists; a later value wins.

    Raises:
        StripeError: a name that cannot be read.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        if not NAME.fullmatch(name):
            raise invalid(f"Invalid parameter name: {name}", name)
        head = name.partition("[")[0]
        steps = [head, *STEP.findall(name)]
        place = root
        for step in steps[:-1]:
            inner = place.setdefault(step or str(len(place)), {})
            if not isinstance(inner, dict):
                raise invalid(f"Invalid parameter: {name}", name)
            place = inner
        place[steps[-1] or str(len(place))] = value
    return {name: _with_lists(value) for name, value in root.items()}


def _with_lists(value: object) -> object:
    """Turn maps whose keys are numbers into lists, in the numbers' order."""
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(each) for name, each in value.items()}
    if inner and all(name.isascii() and name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
