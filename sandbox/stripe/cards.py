"""The test cards of Stripe's documentation (docs.stripe.com/testing) that the stand-in knows."""

from dataclasses import dataclass


class NotATestCard(ValueError):
    """A number that is none of the test cards."""


@dataclass(frozen=True)
class Card:
    """A card; `decline` is the code of its refusal, None where it pays."""

    number: str
    brand: str
    decline: str | None = None
    words: str = ""

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]

    @classmethod
    def parse(cls, text: str) -> "Card":
        """Read a number as people type it.

        Raises:
            NotATestCard: it is none of the known ones.
        """
        number = "".join(text.split()).replace("-", "")
        for card in CARDS:
            if card.number == number:
                return card
        raise NotATestCard("none of the test cards")


CARDS = (
    Card("4242424242424242", "visa"),
    Card("5555555555554444", "mastercard"),
    Card("4000000000000002", "visa", "generic_decline", "Your card was declined."),
    Card("4000000000009995", "visa", "insufficient_funds", "Your card has insufficient funds."),
)
