"""Reconciling: our books against Stripe's own, both ways, object by object.

Events may get lost, at Stripe's end too; objects do not. Each thing that Stripe lists is settled as
its notice would be, in a transaction that is undone: where that would change our books, they lack
something. What our books have and no list names is a difference as well.
"""

from payments.reconciling.comparing import Round, walk
from payments.reconciling.differences import Difference, Kind, Tally
from payments.reconciling.regularly import EVERY, NAME, Regular

__all__ = ["EVERY", "NAME", "Difference", "Kind", "Regular", "Round", "Tally", "walk"]
