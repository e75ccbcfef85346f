"""Fingerprints: how something is known again that is not kept itself.

A keyed hash: without the service's key nobody can find out what it was made of, by trying either.
"""

import hashlib
import hmac
from collections.abc import Sequence


def of_email(email_key: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Return an address's fingerprints, by the key in use first: it is known again by any.

    `email_key` is `EmailAddress.key`; `keys` are the service's, newest first.
    """
    told = b"e-mail address:" + email_key.encode()
    return tuple(hmac.new(key.encode(), told, hashlib.sha256).hexdigest() for key in keys)
