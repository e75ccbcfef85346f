"""The leaflet of a branch: where it leads, and the code that a telephone's camera reads."""

from functools import lru_cache
from urllib.parse import urlencode

from core import qr_codes


def join_address(public_url: str, slug: str) -> str:
    """Give the address of joining through a branch, as its leaflet has it."""
    return f"{public_url}/join?{urlencode({'branch': slug, 'source': 'leaflet'})}"


@lru_cache(maxsize=256)  # some ten milliseconds and ten kilobytes each
def drawing_of(address: str) -> str:
    """Draw the QR code of an address; see `core.qr_codes.drawing_of`."""
    return qr_codes.drawing_of(address)
