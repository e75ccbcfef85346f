"""Form tokens: what guards a public form without a cookie.

A token is signed, expires, and carries a number used once. The row that the form makes keeps that
number under a unique key, so the same form sent again finds what it began instead of beginning
again. It stands beside a check of `Origin` (`core.guards.same_origin`).
"""

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

_NONCE_BYTES = 16
_CLOCKS_APART = dt.timedelta(minutes=5)  # how far the clocks of two of our machines may differ


class BadFormToken(ValueError):
    """The token is not ours, or was made for another form."""


class ExpiredFormToken(BadFormToken):
    """The form lay open for too long."""


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Makes and reads the tokens of every public form. `keys` are newest first."""

    keys: Sequence[str]
    lifetime: dt.timedelta
    now: Callable[[], dt.datetime]

    def issue(self, form: str) -> str:
        """Make a token for one showing of the form of this name."""
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        return str(self._signer(form).dumps([nonce, int(self.now().timestamp())]))

    def nonce(self, form: str, token: str) -> str:
        """Return the number used once that the token carries.

        Raises:
            ExpiredFormToken, BadFormToken: see `read`.
        """
        return self.read(form, token)[0]

    def read(self, form: str, token: str) -> tuple[str, dt.timedelta]:
        """Return the number used once that the token carries, and how long ago it was made.

        Its moment is told in whole seconds, rounded down: nobody is called too quick who was not.
        One made by a machine whose clock is ahead of ours was made just now.

        Raises:
            ExpiredFormToken: when it was made too long ago.
            BadFormToken: when it is not one of ours for this form.
        """
        try:
            nonce, made = self._signer(form).loads(token)
            age = self.now() - dt.datetime.fromtimestamp(made, dt.UTC)
        except (BadData, ValueError, TypeError, OverflowError):
            raise BadFormToken from None
        if age < -_CLOCKS_APART:
            raise BadFormToken
        if age > self.lifetime:
            raise ExpiredFormToken
        return str(nonce), max(age, dt.timedelta())

    def _signer(self, form: str) -> URLSafeSerializer:
        oldest_first = list(reversed(self.keys))  # itsdangerous signs with the last key
        return URLSafeSerializer(oldest_first, salt=f"form:{form}")
