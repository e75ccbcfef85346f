"""Ids in Stripe's style."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return `prefix`, an underscore and random letters and digits."""
    letters = (LETTERS[byte % len(LETTERS)] for byte in secrets.token_bytes(length))
    return f"{prefix}_{''.join(letters)}"
