"""Secrets at rest: sealed so that a copy of the database alone opens none of them.

AES-256-GCM under a key derived from SECRET_KEY (HKDF, RFC 5869). What a secret is `about` is sealed
in with it: moved to another row it does not open.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"groundswell staff secrets"
_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: drawn at random


class DoesNotOpen(ValueError):
    """None of our keys sealed this, or it was sealed about something else."""


def seal(secret: str, keys: Sequence[str], *, about: str) -> str:
    """Seal a secret with the newest key; `keys` are newest first."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(keys[0]).encrypt(nonce, secret.encode(), about.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, keys: Sequence[str], *, about: str) -> str:
    """Return what was sealed with any of the keys.

    Raises:
        DoesNotOpen: where none of them opens it.
    """
    try:
        raw = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise DoesNotOpen("is not sealed") from None
    for key in keys:
        try:
            opened = _cipher(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            continue
        return opened.decode()
    raise DoesNotOpen("is under none of our keys")


def _cipher(key: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE)
    return AESGCM(derived.derive(key.encode()))
