"""Reading when a branch meets out of what somebody wrote of it, and nothing that is not there.

`branches.csv` has it as free text: "Thursdays 7.30pm, Leytonstone Library". A weekday and a time of
day that leave no doubt make a `Meeting`; whatever takes something back ("except August"), leaves a
date open ("alternate Wednesdays") or an hour ("Tuesdays at 7") makes none: no date is ever guessed.
"""

from branches.meetings.groups import Meeting
from branches.meetings.reading import names_a_day, read

__all__ = ["Meeting", "names_a_day", "read"]
