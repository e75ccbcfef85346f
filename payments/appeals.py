"""Appeals: named funds, what they have raised, and which are open."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.organisation import SLUG, AppealPlan
from payments import totals
from payments.models import Appeal

DEFAULT = "fighting-fund"
_NEEDED = ("title", "target_pence", "starts")


class NoSuchAppeal(LookupError):
    """There is no appeal of this name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An appeal as the public sees it. Amounts are pence; `donors` are distinct people."""

    slug: str
    title: str
    blurb: str
    target_pence: int
    raised_pence: int
    donors: int
    starts: dt.date
    ends: dt.date | None


def find(session: Session, slug: str) -> Appeal:
    """Return the appeal of this slug.

    Raises:
        NoSuchAppeal: when there is none.
    """
    sound = SLUG.fullmatch(slug)
    appeal = session.scalar(select(Appeal).where(Appeal.slug == slug)) if sound else None
    if appeal is None:
        raise NoSuchAppeal(slug)
    return appeal


def open_on(session: Session, today: dt.date) -> list[Standing]:
    """Return the appeals that run on this day, oldest first."""
    running = (
        select(Appeal)
        .where(Appeal.starts <= today, or_(Appeal.ends.is_(None), Appeal.ends >= today))
        .order_by(Appeal.starts, Appeal.slug)
    )
    return [standing(session, appeal) for appeal in session.scalars(running)]


def standing(session: Session, appeal: Appeal) -> Standing:
    """Return how an appeal stands, from the ledger."""
    found = totals.total(session, appeal.id)
    return Standing(
        slug=appeal.slug,
        title=appeal.title,
        blurb=appeal.blurb,
        target_pence=appeal.target_pence,
        raised_pence=found.raised_pence,
        donors=found.donors,
        starts=appeal.starts,
        ends=appeal.ends,
    )


def plan(session: Session, plans: Iterable[AppealPlan]) -> int:
    """Create the planned appeals that are not there yet; say how many. Others are left alone."""
    known = set(session.scalars(select(Appeal.slug)))
    fresh = [each for each in plans if each.slug not in known]
    session.add_all(
        Appeal(
            slug=each.slug,
            title=each.title,
            blurb=each.blurb,
            target_pence=each.target.pence,
            starts=each.starts,
            ends=each.ends,
        )
        for each in fresh
    )
    session.flush()
    return len(fresh)


class BadAppeal(ValueError):
    """The appeal cannot be kept like this; `faults` says why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def change(session: Session, slug: str, given: Mapping[str, Any]) -> Appeal:
    """Create the appeal, or change those of its values that are given (not None).

    Raises:
        BadAppeal: where something is missing or does not go together.
    """
    appeal = session.scalar(select(Appeal).where(Appeal.slug == slug))
    values = {key: value for key, value in given.items() if value is not None}
    faults = []
    if appeal is None:
        faults = [f"{key} is needed for a new appeal" for key in _NEEDED if key not in values]
        if not SLUG.fullmatch(slug):
            faults.append(f"{slug} must be lower-case words joined by hyphens")
        appeal = Appeal(slug=slug, blurb="")
    if faults:
        raise BadAppeal(faults)
    for key, value in values.items():
        setattr(appeal, key, value)
    if appeal.ends is not None and appeal.ends < appeal.starts:
        faults.append("an appeal cannot end before it starts")
    if appeal.target_pence <= 0:
        faults.append("the target must be above nothing")
    if faults:
        raise BadAppeal(faults)
    session.add(appeal)
    session.flush()
    return appeal
