"""Pence as people read them."""


def pounds(pence: int) -> str:
    """Return an amount in pence as pounds: 1234567 as £12,345.67."""
    return f"£{pence // 100:,}.{pence % 100:02d}"
