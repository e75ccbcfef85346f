"""What a reply is made of: the outcome of a text, and the values its words need."""

from dataclasses import dataclass
from enum import StrEnum

from branches.postcodes import Special


class Outcome(StrEnum):
    """What became of a text."""

    MATCH = "match"
    OUTCODE = "outcode"
    CHOOSE = "choose"
    ASK_POSTCODE = "ask_postcode"
    UNKNOWN_POSTCODE = "unknown_postcode"
    NOT_COVERED = "not_covered"
    STOP = "stop"
    START = "start"
    HELP = "help"
    NO_REPLY = "no_reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """All that a reply is made of; `org_name` and `national_phone` are always there.

    Attributes:
        outcome: What became of the text.
        org_name: Who is writing.
        national_phone: The national office's number as people read it; so is `contact_phone`.
        first_name: Whom to greet; left out unless it is 2 to 20 letters.
        place_text: The postcode, sector or outcode understood.
        places: The places to choose between (`CHOOSE` alone).
        branch_name: The branch; without it the reply gives the contact, and without that too the
            national office.
        second_branch: Another that may be the right one, where the place is known only roughly.
        meets: When and where the branch meets.
        contact_name: Whom to ring, as it stands within a sentence: "London regional organiser".
        contact_phone: Their public number.
        district: The outcode whose answer is offered where the postcode is unknown.
        note: Why a place is not covered.
        website: The organisation's site, and `privacy_url` what it does with data.
        last_try: Whether texting has failed too often: `ASK_POSTCODE` then sends elsewhere.
    """

    outcome: Outcome
    org_name: str
    national_phone: str
    first_name: str | None = None
    place_text: str = ""
    places: tuple[str, ...] = ()
    branch_name: str | None = None
    second_branch: str | None = None
    meets: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    district: str | None = None
    note: Special | None = None
    website: str | None = None
    privacy_url: str | None = None
    last_try: bool = False
