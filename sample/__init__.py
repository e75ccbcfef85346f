"""A made-up organisation to look at: `make sample`. For a developer's machine, never in production.

Ten thousand people whose names are put together of syllables, whose numbers are those that Ofcom
keeps for drama, and whose addresses lead nowhere; two years of their joining, paying, falling
behind, coming back and leaving, of gifts, of texts, and of what organisers noted and did. Their
states follow from what they paid by the very rules that the service goes by. All money came past
Stripe and all letters have left, so nothing is looked for and nothing is sent.
"""

NONCE = "sample:"
"""How the number of every form begins that nobody sent: by it the sample is known."""
