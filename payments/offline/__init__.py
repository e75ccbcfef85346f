"""Money that does not come through Stripe: cash, cheques, standing orders, the lines of a bank.

`entering` and `statements` read what is typed and what banks write; `booking` alone books it, and
`undoing` alone takes it back; `importing`, `suggesting` and `deciding` are the way of a bank's line
from the file to the books. Whatever is not certain waits for a person.
"""
