"""Addresses that lead out of a branch's page: a map, a telephone's text message."""

from branches.texting.numbers import REGIONS, answerable

_ZOOM = 16


def map_of(lat: float, lon: float) -> str:
    """Give the address of a map with a mark at a place (degrees, WGS84), at OpenStreetMap.

    https://wiki.openstreetmap.org/wiki/Browsing#Other_URL_tricks
    """
    at = f"{lat:.5f}/{lon:.5f}"
    return f"https://www.openstreetmap.org/?mlat={lat:.5f}&mlon={lon:.5f}#map={_ZOOM}/{at}"


def takes_texts(number: str | None) -> bool:
    """Whether a number (E.164) is a mobile's of these islands, so that a text reaches somebody."""
    return bool(number) and answerable(number or "", own=None, regions=REGIONS) is not None
