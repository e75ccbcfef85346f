"""`flask payments offline …`: the treasurer's commands for money that came past Stripe."""

from core.commands import PlainGroup
from payments.offline.commands import bank, entries

_HELP = """Cash, cheques, standing orders, and the lines of a bank's CSV.

What is entered or matched here counts in the same books and totals as a gift by card. Nothing is
ever deleted: a mistake is undone, and the reason kept.

\b
  flask payments offline add --from collection.csv
  flask payments offline import november.csv --dry-run
  flask payments offline review
"""

offline = PlainGroup("offline", help=_HELP)
for command in (
    entries.add,
    entries.undo,
    entries.list_,
    bank.import_,
    bank.review,
    bank.match,
    bank.not_a_gift,
    bank.unmatch,
    bank.rules,
):
    offline.add_command(command)


def register(group: PlainGroup) -> None:
    """Add these commands to `flask payments`."""
    group.add_command(offline)
