"""The shapes of the API's requests and answers. OpenAPI is made from them."""

from typing import Annotated, Literal, NotRequired, final

from pydantic import Field
from typing_extensions import TypedDict

from core.openapi import Problem

MOST_POSTCODES = 100
"""How many postcodes one bulk request may hold."""


class Contact(TypedDict):
    """Whom to ring: the region's organiser, or the national office.

    `phone` is E.164, `display` the number as the organisation prints it.
    """

    name: str
    phone: str
    display: str


class RegionName(TypedDict):
    """One of the organisation's regions."""

    slug: str
    name: str


class FoundBranch(TypedDict):
    """A branch, its page, and where it is: degrees (WGS84), five decimals."""

    slug: str
    name: str
    url: str
    lat: float
    lon: float


class OtherBranch(TypedDict):
    """Another branch, and its distance as the crow flies, in kilometres."""

    slug: str
    name: str
    distance_km: float


@final
class Nearest(TypedDict):
    """Which branch answers for a postcode, a sector or an outcode, and by which rule.

    `postcode` is what was understood of the query. `distance_km` is the great circle to the branch
    in kilometres, to a tenth. `note` stands there where precision is `none`, and says why there is
    no place. `also` stands there where the place is known only roughly and this other branch may
    be the right one.
    """

    query: str
    postcode: str
    precision: Literal["postcode", "sector", "outcode", "none"]
    source: Literal["index", "postcodes.io"]
    rule: Literal["catchment", "nearest", "region", "national"]
    branch: FoundBranch | None
    distance_km: float | None
    alternatives: list[OtherBranch]
    region: RegionName | None
    contact: Contact
    note: NotRequired[Literal["northern_ireland", "crown_dependency", "bfpo", "non_geographic"]]
    also: NotRequired[OtherBranch]


class UnknownPostcodeProblem(Problem):
    """No source has this postcode; `district` is the answer for its outcode, if that is known."""

    district: Nearest | None


@final
class NotFound(TypedDict):
    """A query of many that has no answer."""

    query: object
    code: Literal["missing_postcode", "not_a_postcode", "unknown_postcode"]
    district: NotRequired[Nearest | None]


class ManyPostcodes(TypedDict):
    """Up to a hundred postcodes, sectors or outcodes, each a text as somebody typed it.

    Whatever else stands among them is answered with `not_a_postcode` in its place.
    """

    postcodes: Annotated[list[object], Field(max_length=MOST_POSTCODES)]


class ManyNearest(TypedDict):
    """One result for each query, in the order of the queries."""

    results: list[Nearest | NotFound]


class ListedRegion(TypedDict):
    """A region, its page, and its organiser."""

    slug: str
    name: str
    url: str
    contact: Contact


class Regions(TypedDict):
    """All regions."""

    regions: list[ListedRegion]


class ListedBranch(TypedDict):
    """An open branch."""

    slug: str
    name: str
    lat: float
    lon: float
    region: RegionName
    url: str


class Branches(TypedDict):
    """All open branches."""

    branches: list[ListedBranch]
