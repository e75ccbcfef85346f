"""Bank accounts for Bacs Direct Debit, after docs.stripe.com/payments/bacs-debit (testing)."""

from dataclasses import dataclass

SORT_CODE = "108800"


class NotATestAccount(ValueError):
    """A sort code and number that are none of the test accounts."""


@dataclass(frozen=True)
class BankAccount:
    """An account; `failure` is why a debit of it fails, None where it settles.

    The mandate of one that `revokes` becomes inactive with the failure; a debit of one that
    `disputes` is claimed back under the Guarantee as soon as it has settled.
    """

    number: str
    failure: str | None = None
    revokes: bool = False
    disputes: bool = False

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]

    @property
    def does(self) -> str:
        """What it does, for the page."""
        if self.failure:
            return f"fails after some days ({self.failure})"
        return "settles, then is claimed back" if self.disputes else "settles after some days"

    @classmethod
    def parse(cls, number: str, sort_code: str = SORT_CODE) -> "BankAccount":
        """Read what people type.

        Raises:
            NotATestAccount: it is none of the known ones.
        """
        digits = "".join(number.split())
        known = {account.number: account for account in ACCOUNTS}
        if "".join(sort_code.split()).replace("-", "") != SORT_CODE or digits not in known:
            raise NotATestAccount("none of the test accounts")
        return known[digits]


ACCOUNTS = (
    BankAccount("00012345"),
    BankAccount("22222227", failure="insufficient_funds"),
    BankAccount("33333335", failure="debit_not_authorized", revokes=True),
    BankAccount("55555559", disputes=True),
)

# Why the banks send a debit back, and what Stripe says of it.
FAILURES = {
    "account_closed": "The customer's bank account has been closed.",
    "debit_not_authorized": "The customer has notified their bank that this payment was"
    " unauthorized or there is no mandate held by the paying bank.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "could_not_process": "The bank could not process the payment.",
}
REVOKING = {"account_closed", "debit_not_authorized"}
