"""What the room of staff must know of the directory: its regions and branches (`staff.Places`)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import Branch, BranchStatus, Region
from staff.places import Place


class Scopes:
    """The regions and branches that somebody can be given to look after."""

    def regions(self, session: Session) -> Sequence[Place]:
        """Return the regions that are not closed, in the order of the directory."""
        query = select(Region.id, Region.slug, Region.name).where(Region.closed_on.is_(None))
        return [Place(*row) for row in session.execute(query.order_by(Region.rank))]

    def branches(self, session: Session) -> Sequence[Place]:
        """Return the branches that are at work, in the order of the directory."""
        query = select(Branch.id, Branch.slug, Branch.name)
        query = query.where(Branch.status == BranchStatus.OPEN).order_by(Branch.rank)
        return [Place(*row) for row in session.execute(query)]
