"""All rooms' parts together: whom to ask for what is held, to erase it, and what goes by clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app

from core.organisation import Organisation
from core.protection import Keeper, Purpose

EXTENSION = "protection"


@dataclass(frozen=True, slots=True)
class Registry:
    """What every room has handed over. `keys` are the service's, newest first."""

    keepers: Sequence[Keeper]
    organisation: Organisation
    keys: Sequence[str]
    office_email: str
    public_url: str

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """Every purpose of every room."""
        return tuple(each for keeper in self.keepers for each in keeper.purposes)

    @property
    def tables(self) -> set[str]:
        """Every table that somebody can be found in."""
        return {table for purpose in self.purposes for table in purpose.tables}

    @property
    def without(self) -> set[str]:
        """Every table of which its room says that nobody can be found in it."""
        return {table for keeper in self.keepers for table in keeper.without}

    def periods(self) -> Mapping[str, object]:
        """Return every setting that says how long something is kept, by its name."""
        kept, limits = self.organisation.retention, self.organisation.limits
        names = type(kept).__dataclass_fields__
        return {name: getattr(kept, name) for name in names} | {"text_days": limits.text_days}


def registry() -> Registry:
    """Return the running application's own."""
    found: Registry = current_app.extensions[EXTENSION]
    return found
