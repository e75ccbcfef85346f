"""Erasing somebody over every room: what goes, what the law has us keep, and what stands in it."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from core import fingerprints
from core.protection import Erased, Erasing, Person
from members.protection.models import Erasure
from members.protection.registry import Registry


class CannotErase(Exception):
    """Something has to be done or to end first; `because` are the kinds of it."""

    def __init__(self, because: Sequence[str]) -> None:
        super().__init__(", ".join(because))
        self.because = tuple(because)


def erase(
    session: Session, person: Person, here: Registry, *, why: str, who: str, now: dt.datetime
) -> Erased:
    """Erase somebody from every room, and note that it was done; once more changes nothing.

    Raises:
        CannotErase: money still runs, is under way, is argued about or waits to be checked.
    """
    because = [kind for keeper in here.keepers for kind in keeper.hindrances(session, person, now)]
    if because:
        raise CannotErase(because)
    how = Erasing(
        known_as=lambda key: fingerprints.of_email(key, here.keys[:1])[0],
        retention=here.organisation.retention,
        now=now,
    )
    erased = Erased()
    for keeper in reversed(here.keepers):  # who stands on another room goes before it
        keeper.erase(session, person, how, erased)
    session.flush()
    if erased.gone:
        _note(session, person, here, erased, why=why, who=who, now=now)
    return erased


def _note(
    session: Session,
    person: Person,
    here: Registry,
    erased: Erased,
    *,
    why: str,
    who: str,
    now: dt.datetime,
) -> None:
    addresses = sorted(each for each in person.emails if "@" in each)
    known_as = fingerprints.of_email(addresses[0], here.keys[:1])[0] if addresses else ""
    session.add(
        Erasure(
            at=now,
            known_as=known_as,
            why=why,
            who=who,
            gone=erased.gone,
            kept={each.kind: each.count for each in erased.kept},
            kept_until=max((each.until for each in erased.kept if each.until), default=None),
        )
    )
    session.flush()
