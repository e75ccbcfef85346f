"""The table of those who were entered by the office: how, from what, and what was known of them."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

SOURCES = ("paper", "file")
PAYS_BY = ("standing-order", "bank", "cash", "cheque", "none")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class EnteredMember(Base):
    """That a member was entered by the office. One who was merged with another may have several.

    `number` is what the organisation's other books call them. `kept_at` says where the paper is.
    `paid_up_to` is the month (`core.months`) up to which those books had them as paid, and dues
    count beside it from `counted_from` on; both are null where there is nothing to go by. Until
    `spared_until` the clock lets them fall no further, and while `reminds` is false it writes to
    them about no arrears that they brought with them.
    """

    __tablename__ = "entered_member"
    __table_args__ = (
        CheckConstraint(_one_of("source", SOURCES), "source_known"),
        CheckConstraint(_one_of("pays_by", PAYS_BY), "pays_by_known"),
        CheckConstraint("number <> ''", "number_says_something"),
        CheckConstraint(
            "(paid_up_to IS NULL) = (counted_from IS NULL)", "paid_up_to_and_counted_from"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    source: Mapped[str]
    number: Mapped[str | None] = mapped_column(unique=True)
    pays_by: Mapped[str]
    kept_at: Mapped[str]
    paid_up_to: Mapped[int | None]
    counted_from: Mapped[dt.datetime | None]
    spared_until: Mapped[dt.datetime | None]
    reminds: Mapped[bool]
    entered_at: Mapped[dt.datetime] = mapped_column(index=True)
