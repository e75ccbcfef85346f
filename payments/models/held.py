"""What became of money that was held for a person to look at."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from payments.models.columns import one_of

SETTLEMENTS = ("look-again", "put-right")


class HeldSettlement(Base):
    """One decision on what is held: by whom, why, and of what it was held. Never changed.

    `because` is why it was held. `look-again` lets the books look anew at what Stripe told,
    `put-right` says that it was put right at Stripe: the money went back, a second agreement ended.
    """

    __tablename__ = "held_settlement"
    __table_args__ = (
        CheckConstraint(one_of("decision", SETTLEMENTS), "decision_known"),
        CheckConstraint("why <> ''", "reason_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    because: Mapped[str]
    decision: Mapped[str]
    why: Mapped[str]
    who: Mapped[str]
    at: Mapped[dt.datetime]
