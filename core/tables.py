"""Reading tables of a TOML file: every value is checked, and every fault is told by its key."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

_Value = TypeVar("_Value")


class Table:
    """One table of the file. `where` is its own key; `faults` collects those of all tables."""

    def __init__(self, values: Mapping[str, object], where: str, faults: list[str]) -> None:
        self.values = values
        self.where = where
        self.faults = faults
        self.asked: set[str] = set()

    def fault(self, key: str, words: str) -> None:
        """Note what is wrong with the value of this key; without a key, with the whole table."""
        name = ".".join(part for part in (self.where, key) if part)
        self.faults.append(f"{name}: {words}")

    def has(self, key: str) -> bool:
        """Whether the key is there, with more than nothing in it."""
        return self._get(key) not in (None, "")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self._get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and (value or default is not None):
            return value
        self.fault(key, "is missing" if value in (None, "") else "must be text")
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where there is none."""
        value = self._get(key, [])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        self.fault(key, "must be a list of texts")
        return ()

    def whole(self, key: str, default: int, least: int = 1, most: int = 2**31 - 1) -> int:
        """Return a whole number from `least` to `most`."""
        value = self._get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(key, f"must be a whole number from {least} to {most}")
        return default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._get(key, default)
        if isinstance(value, bool):
            return value
        self.fault(key, "must be true or false, without quotes")
        return default

    def date(self, key: str) -> dt.date | None:
        """Return a day, or None where there is none (a moment is no day)."""
        value = self._get(key)
        if value is None or type(value) is dt.date:
            return value
        self.fault(key, "must be a date such as 2026-10-01, without quotes")
        return None

    def parsed(self, key: str, parse: Callable[[str], _Value]) -> _Value | None:
        """Return what `parse` makes of a text or a whole number; its ValueError is the fault."""
        value = self._get(key)
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.fault(key, "is missing" if value is None else "must be text")
            return None
        try:
            return parse(str(value))
        except ValueError as error:
            self.fault(key, str(error))
            return None

    def table(self, key: str) -> "Table":
        """Return the table under this key, empty where there is none."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            self.fault(key, "must be a table")
            value = {}
        return Table(value, f"{self.where}.{key}".lstrip("."), self.faults)

    def tables(self) -> "dict[str, Table]":
        """Return every table in this one by its key."""
        return {key: self.table(key) for key in self.values}

    def rows(self, key: str) -> "Sequence[Table]":
        """Return the tables of a list of tables (`[[key]]`), empty where there is none."""
        value = self._get(key, [])
        if isinstance(value, list) and all(isinstance(row, dict) for row in value):
            return [Table(row, key, self.faults) for row in value]
        self.fault(key, f"must be tables that begin with [[{key}]]")
        return []

    def refuse_unknown(self) -> None:
        """Note every key that nobody asked for: it is most likely a slip."""
        for key in sorted(self.values.keys() - self.asked):
            self.fault(key, "is not known to this service")

    def _get(self, key: str, default: object = None) -> object:
        self.asked.add(key)
        return self.values.get(key, default)
