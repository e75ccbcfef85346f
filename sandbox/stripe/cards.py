"""The test cards of Stripe's documentation (docs.stripe.com/testing) that the stand-in knows."""

from dataclasses import dataclass


class NotATestCard(ValueError):
    """A number that is none of the test cards."""


@dataclass(frozen=True)
class Card:
    """A card. `decline` is the code of its refusal, None where it pays.

    `then` is what follows a payment by itself: a dispute, an inquiry, an early fraud warning, or
    refunds that take their time or fail. `challenge` asks for 3-D Secure.
    """

    number: str
    brand: str
    decline: str | None = None
    words: str = ""
    code: str = "card_declined"
    then: str = ""
    challenge: bool = False

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]

    @property
    def does(self) -> str:
        """What it does, for the page."""
        if self.decline:
            return f"is declined ({self.decline})"
        if self.challenge:
            return "asks for 3-D Secure, then pays"
        return f"pays, {FOLLOWING[self.then]}" if self.then else "pays"

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


FOLLOWING = {
    "fraudulent": "then is disputed as fraudulent",
    "product_not_received": "then is disputed as not received",
    "inquiry": "then the bank inquires",
    "warning": "then an early fraud warning comes",
    "slow refund": "and refunds take their time",
    "failing refund": "and refunds fail afterwards",
}

CARDS = (
    Card("4242424242424242", "visa"),
    Card("5555555555554444", "mastercard"),
    Card("4000000000003220", "visa", challenge=True),
    Card("4000000000000002", "visa", "generic_decline", "Your card was declined."),
    Card("4000000000009995", "visa", "insufficient_funds", "Your card has insufficient funds."),
    Card("4000000000000069", "visa", "expired_card", "Your card has expired.", "expired_card"),
    Card(
        "4000000000000127",
        "visa",
        "incorrect_cvc",
        "Your card's security code is incorrect.",
        "incorrect_cvc",
    ),
    Card(
        "4000000000000119",
        "visa",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
        "processing_error",
    ),
    Card("4000000000000259", "visa", then="fraudulent"),
    Card("4000000000002685", "visa", then="product_not_received"),
    Card("4000000000001976", "visa", then="inquiry"),
    Card("4000000000005423", "visa", then="warning"),
    Card("4000000000007726", "visa", then="slow refund"),
    Card("4000000000005126", "visa", then="failing refund"),
)
