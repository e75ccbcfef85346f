"""The organisation's rules of membership, as `[membership]` of its file gives them."""

from dataclasses import dataclass

from core.tables import Table

OWN_RATE = "own-amount"
"""What stands in a rate's place where somebody pays an amount of their own."""


@dataclass(frozen=True, slots=True)
class Membership:
    """How many months behind with dues somebody may be before they are in arrears, or lapse.

    `acceptance` says that an organiser accepts whoever has joined and paid, or declines.
    `text_reminders` says that who falls behind is texted as well, where texts can be sent and the
    member wished for them.
    """

    arrears_after_months: int = 1
    lapse_after_months: int = 3
    acceptance: bool = False
    text_reminders: bool = True


def read(table: Table) -> Membership:
    """Read the table; what is wrong with it is noted there."""
    shipped = Membership()
    found = Membership(
        table.whole("arrears_after_months", shipped.arrears_after_months, 0, 24),
        table.whole("lapse_after_months", shipped.lapse_after_months, 1, 60),
        table.flag("acceptance", default=shipped.acceptance),
        table.flag("text_reminders", default=shipped.text_reminders),
    )
    if found.lapse_after_months <= found.arrears_after_months:
        table.fault("lapse_after_months", "must be above arrears_after_months")
    table.refuse_unknown()
    return found
