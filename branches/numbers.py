"""What the desk shows of the text line in numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText
from branches.texting.answered import Outcome
from core.months import beginning, london_month


def answered(session: Session, first: int) -> Iterable[Sequence[Any]]:
    """Count the texts that were answered in each month since the first, where they led to."""
    month = london_month(InboundText.received_at)
    place = (Enquiry.region_id, Enquiry.branch_id)
    wanted = (
        select(month, *place, literal(0), func.count())
        .select_from(InboundText)
        .outerjoin(Enquiry, Enquiry.inbound_text_id == InboundText.id)
        .where(InboundText.received_at >= beginning(first), InboundText.outcome != Outcome.NO_REPLY)
    )
    return session.execute(wanted.group_by(month, *place))
