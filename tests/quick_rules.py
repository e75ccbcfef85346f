"""Routes that are compiled once a process: nearly all the time that making an app takes.

Werkzeug writes two functions for each route of each app, parses and compiles them. They take the
rule they work for as an argument, so one pair serves the same route of every app.
"""

from collections.abc import Callable

from werkzeug.routing import Rule

_Builder = Callable[..., tuple[str, str]]
_BUILDERS: dict[tuple[object, ...], _Builder] = {}


class QuickRule(Rule):
    """A route whose functions are looked up before they are compiled."""

    def _compile_builder(self, append_unknown: bool = True) -> _Builder:  # noqa: FBT001, FBT002 -- Werkzeug's own
        if self.defaults:  # worked into the functions, and of any type
            return super()._compile_builder(append_unknown)
        key = (append_unknown, tuple(self._trace))
        found = _BUILDERS.get(key)
        if found is None:
            found = _BUILDERS[key] = super()._compile_builder(append_unknown)
        return found
