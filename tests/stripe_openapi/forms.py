"""Read form-encoded parameters as Stripe does, apart from the sandbox's own reader."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

Pairs = Sequence[tuple[str, str]] | Mapping[str, str] | str


class NotAForm(ValueError):
    """Parameters that Stripe could not read."""


def decode(pairs: Pairs) -> dict[str, Any]:
    """Nest `a[b][0]=c` as Stripe reads it; a map whose keys are 0, 1, 2 is a list.

    Raises:
        NotAForm: a name is written as Stripe cannot read it, or twice.
    """
    if isinstance(pairs, str):
        pairs = parse_qsl(pairs, keep_blank_values=True, strict_parsing=bool(pairs))
    root: dict[str, Any] = {}
    for name, value in pairs.items() if isinstance(pairs, Mapping) else pairs:
        if not re.fullmatch(r"[^\[\]]+(\[[^\[\]]*\])*", name):
            raise NotAForm(f"{name!r} is no parameter's name")
        steps = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        place = root
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            key = step or str(len(place))
            if following is None:
                if key in place:
                    raise NotAForm(f"{name!r} is given twice")
                place[key] = value
            else:
                place = place.setdefault(key, {})
    return {name: with_lists(value) for name, value in root.items()}


def with_lists(value: Any) -> Any:  # noqa: ANN401 - a nested form is text, lists and maps
    """Turn maps numbered from 0 into lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: with_lists(each) for name, each in value.items()}
    if list(inner) == [str(number) for number in range(len(inner))]:
        return list(inner.values())
    return inner
