"""Standing: who is a member, who is behind with dues, and who is no member any more.

The rule itself is plain and pure (`rules`); what it goes by is read from the books for many members
at once (`facts`); a change is made, told and written to in one transaction (`recomputing`), whether
it comes from a due that was announced (`listening`), by the clock, or by command (`commands`).
"""
