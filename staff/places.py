"""What this room must know of regions and branches, and who tells it: `app.py` puts it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Place:
    """A region or a branch that somebody can be given to look after."""

    id: int
    slug: str
    name: str


class Places(Protocol):
    """Whoever knows the regions and the branches."""

    def regions(self, session: Session) -> Sequence[Place]:
        """Return the regions at work, in the order of the directory."""

    def branches(self, session: Session) -> Sequence[Place]:
        """Return the branches at work, in the order of the directory."""
