"""People as the directory knows them: where they live and where they stand, and nobody's name.

The room of branches asks by this who would move when its directory changes, and has it done.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Row, SQLColumnExpression, String, cast, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from branches.desk.moving import Crowd, Move, Resident, Stand
from members.models import Member
from members.records import MemberTransfer
from members.searching import MemberWord
from members.states import note_each

_UNIT = 2  # the letters that come after the sector, as in E11 1AA
_MOST_SECTORS = 2_000
_WHY = "the directory was changed"


class MembersHere:
    """Everybody of whom a postcode is kept, but those who have left."""

    def by_sector(self, session: Session) -> Iterator[Crowd]:
        """Count them by postcode sector and place."""
        yield from _counted(session, _sector(), None)

    def by_postcode(self, session: Session, sectors: Collection[str]) -> Iterator[Crowd]:
        """Count those of these sectors by postcode and place."""
        within = sorted(sectors) if len(sectors) <= _MOST_SECTORS else None
        for crowd in _counted(session, Member.postcode, within):
            if crowd.area[:-_UNIT] in sectors:
                yield crowd

    def following(self, session: Session, after: uuid.UUID | None, most: int) -> Sequence[Resident]:
        """Give the next of them by their ids, behind one of them."""
        wanted = select(Member.id, Member.postcode, Member.branch_id, Member.region_id)
        wanted = wanted.where(*_here()).order_by(Member.id).limit(most)
        if after is not None:
            wanted = wanted.where(Member.id > after)
        return [Resident(row[0], row[1], Stand(row[2], row[3])) for row in session.execute(wanted)]

    def move(
        self, session: Session, moves: Sequence[Move], *, by: uuid.UUID | None, now: dt.datetime
    ) -> int:
        """Move those who still are where they were, with an event and a transfer each."""
        known = {each.id: each for each in moves}
        members = session.execute(
            select(Member.id, Member.branch_id, Member.region_id, Member.state)
            .where(Member.id.in_(known), *_here())
            .order_by(Member.id)
            .with_for_update()
        ).all()
        still = [row for row in members if known[row.id].before == (row.branch_id, row.region_id)]
        grouped: dict[Stand, list[uuid.UUID]] = defaultdict(list)
        for row in still:
            grouped[known[row.id].after].append(row.id)
        for stand, ids in sorted(grouped.items(), key=str):
            _put(session, ids, stand)
        states = [(row.id, row.state) for row in still]
        who = f"staff:{by}" if by else "office"
        note_each(session, states, "moved", why=_WHY, who=who, now=now)
        _keep_transfers(session, still, known, by, now)
        return len(still)


def _here() -> tuple[ColumnElement[bool], ...]:
    return Member.state != "left", Member.postcode != ""


def _sector() -> ColumnElement[str]:
    """Return the sector of a postcode in its one spelling, with a space before its last three."""
    return cast(func.substr(Member.postcode, 1, func.length(Member.postcode) - _UNIT), String)


def _counted(
    session: Session, area: SQLColumnExpression[str], sectors: Sequence[str] | None
) -> Iterator[Crowd]:
    places = (Member.branch_id, Member.region_id)
    wanted = select(area, *places, func.count()).where(*_here()).group_by(area, *places)
    if sectors is not None:
        wanted = wanted.where(_sector().in_(sectors))
    for where, branch_id, region_id, people in session.execute(wanted):
        yield Crowd(where, Stand(branch_id, region_id), people)


def _put(session: Session, ids: Sequence[uuid.UUID], stand: Stand) -> None:
    """Write where they stand now, to them and to the words by which they are found."""
    place = {"branch_id": stand.branch_id, "region_id": stand.region_id}
    for change in (
        update(Member).where(Member.id.in_(ids)),
        update(MemberWord).where(MemberWord.member_id.in_(ids)),
    ):
        session.execute(change.values(place).execution_options(synchronize_session=False))


def _keep_transfers(
    session: Session,
    members: Sequence[Row[uuid.UUID, int | None, int | None, str]],
    known: dict[uuid.UUID, Move],
    by: uuid.UUID | None,
    now: dt.datetime,
) -> None:
    """Note who was handed on to where, so that they stand among those who moved in."""
    rows = [
        {
            "member_id": row.id,
            "account_id": by,
            "from_region_id": row.region_id,
            "from_branch_id": row.branch_id,
            "to_region_id": known[row.id].after.region_id,
            "to_branch_id": known[row.id].after.branch_id,
            "at": now,
        }
        for row in members
        if known[row.id].after.region_id is not None
    ]
    if rows:
        session.execute(insert(MemberTransfer), rows)
