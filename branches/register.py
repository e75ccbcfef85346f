"""Another source of postcodes, for those that are newer than the index: what it may tell us."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from branches.postcodes import Postcode


@dataclass(frozen=True, slots=True)
class Located:
    """Where the source says a postcode is: degrees (WGS84).

    `district` is empty, and `region` None, for a postcode that is no longer in use: of those the
    source tells the place alone. `region` is the ONS code of the English region or the country.
    """

    lat: float
    lon: float
    district: str
    region: str | None


class Verdict(Enum):
    """What a source says that does not say where."""

    UNKNOWN = "unknown"
    """It has no such postcode."""
    NO_ANSWER = "no answer"
    """It was asked, and could not say: it is out of reach, or knows of no place."""


Told: TypeAlias = Located | Verdict


class Register(Protocol):
    """Whoever is asked for a whole postcode that the index lacks."""

    def ask(self, postcode: Postcode, *, seconds: float) -> Told | None:
        """Ask where a postcode is, for at most so long; None when nobody is to be asked.

        It calls out, so never within a transaction. It never fails: see `Verdict.NO_ANSWER`.
        """

    def recall(self, postcode: Postcode) -> Told | None:
        """Say what was told of a postcode a while ago, without calling out; None for nothing."""


class Nobody:
    """No other source: the index alone counts."""

    def ask(self, postcode: Postcode, *, seconds: float) -> Told | None:  # noqa: ARG002 -- the protocol's
        """Ask nobody."""
        return None

    def recall(self, postcode: Postcode) -> Told | None:  # noqa: ARG002 -- likewise
        """Nothing was ever told."""
        return None
