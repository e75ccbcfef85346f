"""What the treasurers' desk keeps of its own: who wished to give money back, and who agreed."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from payments.models.columns import one_of

WISH_STATES = ("waiting", "granted", "refused")
_WAITS = text("state = 'waiting'")


class RefundWish(Base):
    """A treasurer's wish to give money back, with the second person's word where one is needed.

    `form_nonce` is the number used once of the form, so that a form sent twice wishes once. One
    that is granted has the `RefundRequest` that carries it out, or, where the money came past
    Stripe, the `Refund` by which it was booked back. `asked_by` and `decided_by` are
    ids of staff accounts, and no foreign keys: what hangs on an account by a foreign key is taken
    for its holder's own data (`core.walking`), and this is the payer's.
    """

    __tablename__ = "refund_wish"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint("why <> ''", "reason_given"),
        CheckConstraint(one_of("state", WISH_STATES), "state_known"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", "decided_or_waiting"),
        CheckConstraint(
            "(state = 'granted') = (request_id IS NOT NULL OR refund_id IS NOT NULL)",
            "granted_is_done",
        ),
        CheckConstraint("request_id IS NULL OR refund_id IS NULL", "done_in_one_way"),
        CheckConstraint(
            "state <> 'granted' OR NOT needs_second "
            "OR (decided_by IS NOT NULL AND decided_by <> asked_by)",
            "two_people",
        ),
        Index(
            "uq_refund_wish_one_waits",
            "payment_id",
            unique=True,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    form_nonce: Mapped[str] = mapped_column(unique=True)
    amount_pence: Mapped[int]
    why: Mapped[str]
    needs_second: Mapped[bool]
    state: Mapped[str]
    asked_by: Mapped[uuid.UUID]
    asked_at: Mapped[dt.datetime]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[dt.datetime | None]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("refund_request.id"), unique=True)
    refund_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refund.id"), unique=True)
