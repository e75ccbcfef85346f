"""Many postcodes at once, as a list of people has them: by local data, and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from branches.locator import Locator
from core import clock


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one of many postcodes belongs, by ids; None where the rules give none."""

    precision: str
    branch_id: int | None
    region_id: int | None


@dataclass(frozen=True, slots=True)
class Many:
    """Whoever places a whole list of people. No other source is asked for any of them."""

    locator: Locator

    def spell(self, text: str) -> str | None:
        """Return a whole postcode in its usual form, or None when the text is not one."""
        return self.locator.spelled(text)

    def place_each(self, session: Session, postcodes: Sequence[str]) -> list[Spot]:
        """Place postcodes in their usual form, by the directory of one moment."""
        today = clock.day_in_london(clock.now())
        return [
            Spot(
                found.precision.value,
                found.branch.id if found.branch else None,
                found.region.id if found.region else None,
            )
            for found in self.locator.place_each(session, postcodes, today=today)
        ]
