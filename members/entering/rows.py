"""Rows: what is inserted for somebody who is entered, table by table, without a letter to anybody.

What happened before is dated when it happened: joining, falling behind, leaving. Of the days it is
midday in Britain that counts, so that no clock of another zone moves them.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import spelling
from core.clock import LONDON, day_in_london
from core.database import Base
from core.months import first_day, month_of
from members import searching
from members.entering.fields import Entrant
from members.entering.models import EnteredMember
from members.models import Consent, Member, MemberPledge, MembershipEvent
from members.places import Spot
from members.searching import MemberWord
from members.standing.rules import MonthRules
from members.states import GONE
from payments import searching as of_givers
from payments.models import Pledge, PledgeWord
from payments.offline import agreeing
from payments.offline.agreeing import Agreement
from payments.offline.booking import morning

_OFFICE = "office"


@dataclass(frozen=True, slots=True)
class How:
    """How people are entered: from what, at what moment, and what the clock may do about it.

    `title` is what their dues are called. For `grace_months` nobody falls further. `reminds` asks
    for letters about the arrears that they bring with them.
    """

    source: str
    title: str
    months: MonthRules
    grace_months: int
    now: dt.datetime
    reminds: bool = False

    @property
    def spared_until(self) -> dt.datetime:
        """The moment from which the clock counts for who was entered."""
        return _midday(first_day(month_of(self.now) + self.grace_months + 1))


@dataclass(slots=True)
class Rows:
    """The rows of some people, by table, in the order in which they can be inserted."""

    ids: list[uuid.UUID] = field(default_factory=list)
    tables: dict[type[Base], list[dict[str, Any]]] = field(
        default_factory=lambda: {
            kind: []
            for kind in (
                *(Pledge, PledgeWord, Member, MemberPledge, MemberWord),
                *(MembershipEvent, Consent, EnteredMember),
            )
        }
    )


def made(people: Sequence[tuple[Entrant, Spot]], how: How) -> Rows:
    """Make the rows of these people, each with where their postcode belongs."""
    rows = Rows()
    for entrant, spot in people:
        member_id, pledge_id = uuid.uuid4(), uuid.uuid4()
        rows.ids.append(member_id)
        tables = rows.tables
        key = entrant.email_key or f"paper:{member_id.hex}"
        agreed = _agreement(entrant, pledge_id, key, how)
        tables[Pledge].append(agreed)
        tables[PledgeWord].extend(of_givers.words_of(agreed))
        member = _member(entrant, spot, member_id, pledge_id, key, how.now)
        tables[Member].append(member)
        tables[MemberWord].extend(searching.words_of(member))
        tables[MemberPledge].append(
            {"pledge_id": pledge_id, "member_id": member_id, "since": how.now}
        )
        tables[MembershipEvent].extend(_events(entrant, member_id, how))
        tables[Consent].extend(_consents(entrant, member_id, how))
        tables[EnteredMember].append(_entered(entrant, member_id, how))
    return rows


def _agreement(entrant: Entrant, pledge_id: uuid.UUID, key: str, how: How) -> dict[str, Any]:
    agreed = Agreement(
        id=pledge_id,
        pence=entrant.pence,
        title=how.title,
        name=entrant.name,
        email=entrant.email,
        email_key=key,
        postcode=entrant.postcode,
        member=entrant.state not in ("applied", "left"),
        stopped_at=_then(entrant.ended_on, how.now) if entrant.state == "left" else None,
    )
    return agreeing.row(agreed, now=how.now)


def _member(
    entrant: Entrant,
    spot: Spot,
    member_id: uuid.UUID,
    pledge_id: uuid.UUID,
    key: str,
    now: dt.datetime,
) -> dict[str, Any]:
    return {
        "id": member_id,
        "state": entrant.state,
        "name": entrant.name,
        "email": entrant.email,
        "email_key": key,
        "phone": entrant.phone,
        "date_of_birth": entrant.date_of_birth,
        "address1": entrant.address1,
        "address2": entrant.address2,
        "town": entrant.town,
        "postcode": entrant.postcode,
        "precision": spot.precision,
        "branch_id": spot.branch_id,
        "region_id": spot.region_id,
        "rate": entrant.rate,
        "dues_pledge_id": pledge_id,
        "form_nonce": f"entered:{member_id.hex}",
        "created_at": now,
        "joined_at": _then(entrant.joined_on, now),
        "sort_key": spelling.sort_key(entrant.name),
    }


def _events(entrant: Entrant, member_id: uuid.UUID, how: How) -> Iterator[dict[str, Any]]:
    """Give what became of a membership, each on its day."""
    joined, ended = _then(entrant.joined_on, how.now), _then(entrant.ended_on, how.now)
    begun = joined or ended or how.now
    steps: list[tuple[str, dt.datetime]] = [("applied", begun)]
    if joined is not None:
        steps.append(("active", joined))
    if entrant.state == "arrears" and entrant.paid_up_to is not None:
        fell = first_day(entrant.paid_up_to + how.months.arrears_after + 1)
        steps.append(("arrears", max(begun, _midday(fell))))
    if entrant.state in GONE and ended is not None:
        steps.append((entrant.state, ended))
    before = None
    for state, at in steps:
        yield {
            "member_id": member_id,
            "kind": "state",
            "from_state": before,
            "to_state": state,
            "at": min(at, how.now),
            "why": f"entered from {how.source}",
            "who": _OFFICE,
        }
        before = state


def _consents(entrant: Entrant, member_id: uuid.UUID, how: How) -> Iterator[dict[str, Any]]:
    for each in entrant.consents:
        yield {
            "member_id": member_id,
            "channel": each.channel,
            "given": each.given,
            "wording": each.wording,
            "at": _then(each.on, how.now),
            "source": how.source,
        }


def _entered(entrant: Entrant, member_id: uuid.UUID, how: How) -> dict[str, Any]:
    """Note how somebody came. Of who is a member and of whom nothing is said, this month is paid.

    Arrears that are older than the entry are nothing to write about, unless that was asked for.
    """
    here, stands = month_of(how.now), entrant.state in ("active", "arrears")
    paid_up_to = entrant.paid_up_to
    if paid_up_to is None and stands:
        paid_up_to = here
    behind = paid_up_to is not None and here - paid_up_to > how.months.arrears_after
    return {
        "member_id": member_id,
        "source": how.source,
        "number": entrant.number,
        "pays_by": entrant.pays_by,
        "kept_at": entrant.kept_at,
        "paid_up_to": paid_up_to,
        "counted_from": None if paid_up_to is None else morning(day_in_london(how.now)),
        "spared_until": how.spared_until if stands else None,
        "reminds": how.reminds or not behind,
        "entered_at": how.now,
    }


def _then(day: dt.date | None, now: dt.datetime) -> dt.datetime | None:
    return min(_midday(day), now) if day else None


def _midday(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), LONDON)
