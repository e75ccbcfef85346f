"""Who is at the desk: a role, and what it reaches to."""

import uuid
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody on the staff does."""

    ORGANISER = "organiser"
    TREASURER = "treasurer"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who has signed in whole. `regions` and `branches` hold ids, for organisers only."""

    account_id: uuid.UUID
    email: str
    role: Role
    regions: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()

    @property
    def everywhere(self) -> bool:
        """Whether the role is not bound to regions and branches."""
        return self.role is not Role.ORGANISER
