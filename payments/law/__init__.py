"""The law on political donations: its figures by date, what donors declare, what must be checked.

Not legal advice: the treasurer owns the law. No figure of it stands in code; each is a line of
`figures.csv` with the days from and to which it holds.
"""
