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


@dataclass(frozen=True, slots=True)
class DuesChanged:
    """Another amount of dues counts from the next month on: Stripe has heard of it.

    `label` is what whoever asked for it calls the amount, None where they did not say.
    """

    pledge_id: uuid.UUID
    pence: int
    label: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DuesUnpaid:
    """A month of somebody's dues could not be taken. `retry_at` is when it is tried again."""

    pledge_id: uuid.UUID
    at: dt.datetime
    retry_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PaymentRefunded:
    """Money of a payment was given back, in part or whole."""

    pledge_id: uuid.UUID
    payment_id: uuid.UUID
    pence: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """Money that had been given back came back to us."""

    pledge_id: uuid.UUID
    payment_id: uuid.UUID
    pence: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class PaymentDisputed:
    """The payer's bank argues about a payment."""

    pledge_id: uuid.UUID
    payment_id: uuid.UUID
    pence: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DisputeWon:
    """What a payer's bank argued about is ours again."""

    pledge_id: uuid.UUID
    payment_id: uuid.UUID
    pence: int
    at: dt.datetime
