"""Searching: the words by which members are found, kept as their rows are written.

A word says what it is (`n` of a name, `e` an e-mail address, `t` a telephone number, `p` a
postcode), so that one index answers all of them by how they begin, in either database. A name
stands there begun at each of its words: one range of the index answers for a name's parts in any
order, already sorted, and stops at the first page.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, Select, String, delete, event, insert, select
from sqlalchemy.orm import Mapped, Mapper, Session, attributes, mapped_column

from core import spelling
from core.addresses import NotAPhoneNumber, PhoneNumber
from core.database import Base
from members.models import Member
from staff import scoping
from staff.principal import Principal

NAME, EMAIL, PHONE, POSTCODE, NUMBER = "n", "e", "t", "p", "m"
_LONGEST = 100
_PHONE = re.compile(r"\+?[0-9 ()./-]{5,}")
_FEWEST_DIGITS = 5
_POSTCODE = re.compile(r"[a-z]{1,2}[0-9][0-9a-z]?([0-9]([a-z]{1,2})?)?")
_NUMBER_DIGITS, _UUID_DIGITS = 8, 32
_WRITTEN_DOWN = ("name", "email_key", "phone", "postcode", "region_id", "branch_id")


class MemberWord(Base):
    """A word by which somebody is found; it goes with the member. Region and branch are theirs."""

    __tablename__ = "member_word"
    __table_args__ = (Index("ix_member_word_word", "word", "region_id", "branch_id", "member_id"),)

    member_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    word: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"), primary_key=True
    )
    region_id: Mapped[int | None]
    branch_id: Mapped[int | None]


scoping.within(MemberWord, region=MemberWord.region_id, branch=MemberWord.branch_id)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand what was typed: what it is, and its words."""

    kind: str
    words: tuple[str, ...]

    @property
    def names_one(self) -> bool:
        """Whether it tells who is meant, where a name or a postcode may mean many."""
        return self.kind in (EMAIL, PHONE, NUMBER)


def understand(text: str) -> tuple[Reading, ...]:
    """Return the ways in which what was typed can be meant, none for what says nothing."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST])
    typed = " ".join(shown.split())
    if "@" in typed:
        key = "".join(letter.lower() if letter.isascii() else letter for letter in typed)
        return (Reading(EMAIL, (key.replace(" ", ""),)),)
    bare = typed.replace(" ", "").replace("-", "").casefold()
    found = []
    if _is_number(bare):
        found.append(Reading(NUMBER, (bare,)))
    if phone := _phone(typed):
        found.append(Reading(PHONE, (phone,)))
    if _POSTCODE.fullmatch(bare):
        found.append(Reading(POSTCODE, (bare,)))
    if not found and (words := spelling.words(typed)):
        found.append(Reading(NAME, tuple(words)))
    return tuple(found)


def hits(
    session: Session, principal: Principal, readings: Iterable[Reading], *, most: int
) -> list[tuple[uuid.UUID, bool]]:
    """Return the ids of those whom this principal may see and a reading finds, each once.

    With each comes whether the reading names one person. At most `most` are found by each reading.
    """
    found: dict[uuid.UUID, bool] = {}
    for reading in readings:
        wanted = _by_number(reading) if reading.kind == NUMBER else _by_word(reading)
        rows = session.scalars(scoping.scoped(wanted.limit(most), principal))
        for member_id in rows:
            found[member_id] = found.get(member_id) or reading.names_one
    return list(found.items())


def write_anew(session: Session, members: Sequence[Member]) -> int:
    """Write the words of these members, whatever there was; return how many words."""
    session.execute(
        delete(MemberWord).where(MemberWord.member_id.in_([each.id for each in members]))
    )
    rows = [row for each in members for row in _rows(each)]
    if rows:
        session.execute(insert(MemberWord), rows)
    return len(rows)


def words_of(member: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the rows of the words of a member, who is given as a row of theirs.

    Whoever inserts members in bulk inserts these as well.
    """
    said = [f"{NAME} {each}" for each in spelling.turned(member["name"])]
    said.append(f"{EMAIL} {member['email_key']}")
    if member["phone"]:
        said.append(f"{PHONE} {member['phone']}")
    if member["postcode"]:
        said.append(f"{POSTCODE} {member['postcode'].replace(' ', '').lower()}")
    where = {"region_id": member["region_id"], "branch_id": member["branch_id"]}
    return [{"member_id": member["id"], "word": word, **where} for word in said]


def _is_number(bare: str) -> bool:
    """Whether it is a member's number, or whole id; eight letters without a digit are a name."""
    known = len(bare) in (_NUMBER_DIGITS, _UUID_DIGITS) and set(bare) <= set("0123456789abcdef")
    return known and any(letter.isdigit() for letter in bare)


def _phone(typed: str) -> str | None:
    """Return the number, or how it begins, as numbers are kept."""
    try:
        return PhoneNumber.parse(typed).e164
    except NotAPhoneNumber:
        pass  # not a whole one: it may be how one begins
    digits = re.sub(r"[^0-9]", "", typed)
    if not _PHONE.fullmatch(typed) or len(digits) < _FEWEST_DIGITS:
        return None
    if typed.startswith("+") or digits.startswith("44"):
        return f"+{digits}"
    return f"+44{digits[1:]}" if digits.startswith("0") else None


def _by_number(reading: Reading) -> Select[uuid.UUID]:
    (digits,) = reading.words
    fill = _UUID_DIGITS - len(digits)
    first, last = uuid.UUID(digits + "0" * fill), uuid.UUID(digits + "f" * fill)
    return select(Member.id).where(Member.id.between(first, last)).order_by(Member.id)


def _by_word(reading: Reading) -> Select[uuid.UUID]:
    """Ask for how words begin: the index for the longest, and a look at each row for the others."""
    leading, *others = sorted(reading.words, key=len, reverse=True)
    begins = f"{reading.kind} {leading}"
    wanted = select(MemberWord.member_id).where(
        MemberWord.word >= begins, MemberWord.word < begins + spelling.LAST
    )
    for other in others:
        wanted = wanted.where(MemberWord.word.like(f"% {other}%"))
    return wanted.order_by(MemberWord.word, MemberWord.member_id)


def _rows(member: Member) -> list[dict[str, object]]:
    return words_of({name: getattr(member, name) for name in ("id", *_WRITTEN_DOWN)})


@event.listens_for(Member, "after_insert")
def _written(_mapper: Mapper[Member], connection: Connection, member: Member) -> None:
    connection.execute(insert(MemberWord), _rows(member))


@event.listens_for(Member, "after_update")
def _changed(_mapper: Mapper[Member], connection: Connection, member: Member) -> None:
    """Write the words anew where what they are made of has changed."""
    if any(attributes.get_history(member, name).has_changes() for name in _WRITTEN_DOWN):
        connection.execute(delete(MemberWord).where(MemberWord.member_id == member.id))
        connection.execute(insert(MemberWord), _rows(member))
