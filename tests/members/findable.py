"""Whether people who were inserted in bulk are found at the desk as if they had joined."""

from sqlalchemy import select

from core import spelling
from core.database import Database
from members import searching
from members.models import Member
from members.searching import MemberWord

_WORDS = select(MemberWord.member_id, MemberWord.word, MemberWord.region_id, MemberWord.branch_id)


def everybody_is_findable(database: Database) -> bool:
    """Say whether there are members, and each has the words and place that they should have."""
    with database.transaction() as session:
        people = session.scalars(select(Member)).all()
        sorted_rightly = all(each.sort_key == spelling.sort_key(each.name) for each in people)
        before = {tuple(row) for row in session.execute(_WORDS)}
        searching.write_anew(session, people)
        return bool(people) and sorted_rightly and before == {*map(tuple, session.execute(_WORDS))}
