"""Postcodes: what people write, what it means, and where in Great Britain it is.

`read` and `understand` turn a text into a `Postcode`, `Sector` or `Outcode`, values that cannot be
wrong; a `PostcodeIndex` says where it is; `region_of` says in which region. Nothing here asks the
network or needs more than the standard library. `branches.postcodes.building` makes the index, and
alone needs numpy and the data package.
"""

from branches.postcodes.districts import region_of
from branches.postcodes.grammar import (
    LONGEST,
    NotAPostcode,
    Outcode,
    Postcode,
    Reason,
    Sector,
    Special,
    read,
    special,
)
from branches.postcodes.index import Centre, IndexInfo, Place, Placeless, PostcodeIndex
from branches.postcodes.layout import NotAnIndex
from branches.postcodes.mending import repairs, understand

__all__ = [
    "LONGEST",
    "Centre",
    "IndexInfo",
    "NotAPostcode",
    "NotAnIndex",
    "Outcode",
    "Place",
    "Placeless",
    "Postcode",
    "PostcodeIndex",
    "Reason",
    "Sector",
    "Special",
    "read",
    "region_of",
    "repairs",
    "special",
    "understand",
]
