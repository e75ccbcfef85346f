"""What locating gives and needs: an answer and its reasons, and where postcodes are looked up."""

from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from branches.postcodes import Outcode, Postcode, Sector, Special
from branches.postcodes.index import Centre, Place, Placeless
from branches.snapshot import Near, OpenBranch, OpenRegion

Query: TypeAlias = Postcode | Sector | Outcode


class Postcodes(Protocol):
    """What is asked where postcodes are: the built index."""

    def find(self, postcode: Postcode) -> Place | Placeless | None:
        """Say where a postcode is; None when it is unknown."""

    def sector(self, sector: Sector) -> Centre | Placeless | None:
        """Say about where a sector is; None when it is unknown."""

    def outcode(self, outcode: Outcode) -> Centre | Placeless | None:
        """Say about where an outcode is; None when it is unknown."""

    def knows(self, postcode: Postcode) -> bool:
        """Tell whether a postcode exists or has existed."""

    def has_outcode(self, outcode: Outcode) -> bool:
        """Tell whether any postcode begins with this outcode."""


class Precision(StrEnum):
    """How closely the place is known; none where there is no place."""

    POSTCODE = "postcode"
    SECTOR = "sector"
    OUTCODE = "outcode"
    NONE = "none"


class Source(StrEnum):
    """Who knew the place."""

    INDEX = "index"
    POSTCODES_IO = "postcodes.io"


class Rule(StrEnum):
    """What decided."""

    CATCHMENT = "catchment"
    NEAREST = "nearest"
    REGION = "region"
    NATIONAL = "national"


class Step(StrEnum):
    """A step on the way to an answer, told by `Reason`."""

    PLACED = "placed"
    PLACELESS = "placeless"
    IN_REGION = "in_region"
    NO_REGION = "no_region"
    CATCHMENT = "catchment"
    NEAREST = "nearest"
    TOO_FAR = "too_far"
    NO_BRANCH = "no_branch"
    EITHER = "either"
    ELSEWHERE = "elsewhere"
    NOT_SAID = "not_said"


class Reason(NamedTuple):
    """One step of the explanation: what was found, as values for words to be put to."""

    step: Step
    name: str = ""
    """The branch, region, district or note that the step is about."""
    area: str = ""
    """The catchment that applied, as `district W06000018`."""
    km: float | None = None


class Answer(NamedTuple):
    """Which branch answers for a place, and by which rule.

    `region` is that of the branch, where there is one: it is whom people are sent to that counts
    (a catchment may cross a border). `also` is another branch that may well be the right one, where
    the place is known only roughly.
    """

    query: Query
    precision: Precision
    source: Source
    rule: Rule
    branch: OpenBranch | None
    distance_km: float | None
    alternatives: tuple[Near, ...]
    region: OpenRegion | None
    note: Special | None
    also: Near | None
    explanation: tuple[Reason, ...]


class UnknownPostcode(LookupError):
    """Well formed, and no source has it; `district` answers for its outcode, if that is known."""

    def __init__(self, query: Query, district: Answer | None) -> None:
        super().__init__("no source knows the postcode")
        self.query = query
        self.district = district
