"""The tables of money.

A *pledge* is what somebody set out to give. A *checkout* is one try to pay it at Stripe. A
*payment* is money taken: one for a single gift, one a month for a monthly one. A *refund* and a
*dispute* take of it again, a *payout* brings it to the bank. What came as cash, by cheque or
straight to the bank is a payment with an *offline entry*, perhaps from a *bank line*. The *ledger*
holds every movement in balanced, unchangeable entries; totals are sums over it. Amounts are pence.
"""

from payments.models.books import (
    AppealCheckpoint,
    AppealDonor,
    LedgerDay,
    LedgerDaysKept,
    LedgerEntry,
    LedgerTransaction,
)
from payments.models.desk import RefundWish
from payments.models.giving import Appeal, Checkout, Pledge, PledgeWord
from payments.models.held import HeldSettlement
from payments.models.law import CheckDecision, Declaration, PermissibilityCheck
from payments.models.money import Dispute, FraudWarning, Payment, Payout, PayoutLine, Refund
from payments.models.monthly import MonthlyAmount, MonthlyChange, MonthlyStanding
from payments.models.offline import BankAccount, BankDecision, BankLine, BankRule, OfflineEntry
from payments.models.protecting import (
    DeclinedTry,
    DefenceChange,
    DefenceState,
    DefenceTally,
    Quarantine,
)
from payments.models.waiting import (
    DetailInquiry,
    PayoutInquiry,
    RefundRequest,
    StopRequest,
    Sweep,
    WebhookEvent,
)
from payments.models.wall import MessageDecision, WallEntry

__all__ = [
    "Appeal",
    "AppealCheckpoint",
    "AppealDonor",
    "BankAccount",
    "BankDecision",
    "BankLine",
    "BankRule",
    "CheckDecision",
    "Checkout",
    "Declaration",
    "DeclinedTry",
    "DefenceChange",
    "DefenceState",
    "DefenceTally",
    "DetailInquiry",
    "Dispute",
    "FraudWarning",
    "HeldSettlement",
    "LedgerDay",
    "LedgerDaysKept",
    "LedgerEntry",
    "LedgerTransaction",
    "MessageDecision",
    "MonthlyAmount",
    "MonthlyChange",
    "MonthlyStanding",
    "OfflineEntry",
    "Payment",
    "Payout",
    "PayoutInquiry",
    "PayoutLine",
    "PermissibilityCheck",
    "Pledge",
    "PledgeWord",
    "Quarantine",
    "Refund",
    "RefundRequest",
    "RefundWish",
    "StopRequest",
    "Sweep",
    "WallEntry",
    "WebhookEvent",
]
