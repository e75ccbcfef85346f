"""Settling: the one writer of money, for webhook, return page, sweep, replay and reconciliation.

A notice may come twice, late, in any order, or never; the result is the same. What does not agree
with our own rows (amount, currency, mode) is held for a person to look at and never booked.
"""

from payments.settling.applying import apply, settle
from payments.settling.locking import pledges_of
from payments.settling.rules import Applied, Rules, Settled
from payments.settling.waking import wake

__all__ = ["Applied", "Rules", "Settled", "apply", "pledges_of", "settle", "wake"]
