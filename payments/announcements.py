"""What this room announces; others listen in the same transaction."""

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DonationPaid:
    """A gift, or a month of one, has been taken. `number` counts from 1."""

    pledge_id: uuid.UUID
    payment_id: uuid.UUID
    pence: int
    number: int
    paid_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DuesPaid:
    """A month of somebody's dues has been taken. `number` counts from 1."""

    pledge_id: uuid.UUID
    payment_id: uuid.UUID
    pence: int
    number: int
    paid_at: dt.datetime


@dataclass(frozen=True, slots=True)
class MonthlyStopped:
    """Nothing more will be taken for this monthly gift or due."""

    pledge_id: uuid.UUID
    kind: str
    stopped_at: dt.datetime
