"""What the API answers about money."""

from typing_extensions import TypedDict


class AppealShape(TypedDict):
    """A named fund and how it stands. Pence; `ends` is null for one without an end.

    `raised_pence` is paid money gross of fees; `donors` are distinct people.
    """

    slug: str
    title: str
    currency: str
    target_pence: int
    raised_pence: int
    donors: int
    starts: str
    ends: str | None


class AppealsShape(TypedDict):
    """The appeals that are open today."""

    appeals: list[AppealShape]
