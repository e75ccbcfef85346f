"""Searching: the words by which members are found, kept as their rows are written.

A word says what it is (`n` of a name, `e` an e-mail address, `t` a telephone number, `r` the same
from its end, `p` a postcode), so that one index answers all of them by how they begin, in either
database. A name stands there begun at each of its words: one range of the index answers for a
name's parts in any order, already sorted, and stops at the first page.
"""

import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Select,
    String,
    and_,
    delete,
    event,
    false,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Mapped, Mapper, Session, aliased, attributes, mapped_column

from core import spelling
from core.addresses import NotAPhoneNumber, PhoneNumber
from core.database import Base
from members.models import Member
from staff import scoping
from staff.principal import Principal

_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])
NAME, EMAIL, PHONE, ENDING, POSTCODE, NUMBER = "n", "e", "t", "r", "p", "m"
_LONGEST = 100
_PHONE = re.compile(r"\+?[0-9 ()./\N{HYPHEN}-\N{HORIZONTAL BAR}-]+")
_DIGITS = range(4, 18)  # E.164 has fifteen at most, and a way to write it two more in front
_OUTWARD = re.compile(r"[a-z]{1,2}[0-9][0-9a-z]?")
_INWARD = re.compile(r"([0-9]([a-z]{1,2})?)?")
_NUMBER_DIGITS, _UUID_DIGITS = 8, 32
_WRITTEN_DOWN = ("name", "email_key", "phone", "postcode", "region_id", "branch_id")


class MemberWord(Base):
    """A word by which somebody is found; it goes with the member. Region and branch are theirs."""

    __tablename__ = "member_word"
    __table_args__ = (Index("ix_member_word_word", "word", "member_id", "region_id", "branch_id"),)

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
    def begins(self) -> str:
        """How a word begins that it finds: with the longest of what was typed."""
        return f"{self.kind} {max(self.words, key=len)}"

    @property
    def others(self) -> list[str]:
        """What else has to begin a part of that word."""
        return sorted(self.words, key=len, reverse=True)[1:]

    def finds(self, word: str) -> bool:
        """Whether it finds a word, as `found_by` has the database look for it."""
        return word.startswith(self.begins) and all(f" {each}" in word for each in self.others)


@dataclass(frozen=True, slots=True)
class Place:
    """Behind whom a page begins: which reading found them, by which word, and their id."""

    reading: int
    word: str
    member_id: uuid.UUID


def understand(text: str) -> tuple[Reading, ...]:
    """Return the ways in which what was typed can be meant, none for what says nothing."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST])
    typed = " ".join(shown.split())
    if "@" in typed:
        key = "".join(letter.lower() if letter.isascii() else letter for letter in typed)
        return (Reading(EMAIL, (key.replace(" ", ""),)),)
    typed = unicodedata.normalize("NFKC", typed)
    bare = typed.replace(" ", "").replace("-", "").casefold()
    found = [Reading(NUMBER, (bare,))] if _is_number(bare) else []
    found += _phones(typed) + _postcodes(typed.casefold(), bare)
    if not found and (words := spelling.words(typed)):
        found.append(Reading(NAME, tuple(words)))
    return tuple(found)


def place(
    session: Session, principal: Principal, readings: Sequence[Reading], after: uuid.UUID
) -> Place | None:
    """Return where those stand who come behind a member; None where no reading finds that one."""
    mine = select(MemberWord.word).where(MemberWord.member_id == after).order_by(MemberWord.word)
    words = session.scalars(scoping.scoped(mine, principal)).all()
    for at, reading in enumerate(readings):
        if reading.kind == NUMBER and words and after.hex.startswith(reading.words[0]):
            return Place(at, "", after)
        for word in words:
            if reading.finds(word):
                return Place(at, word, after)
    return None


def found_by(
    query: _Query, readings: Sequence[Reading], at: int, *, behind: Place | None
) -> _Query:
    """Return the query of members, narrowed to whom a reading finds and none before it does.

    They are in the order of what they are found by, from behind a place on.
    """
    reading = readings[at]
    if reading.kind == NUMBER:
        query = query.where(_numbered(reading, Member.id)).order_by(Member.id)
        return query.where(Member.id > behind.member_id) if behind else query
    query = query.join(MemberWord, MemberWord.member_id == Member.id)
    query = query.where(_begun(reading, MemberWord))
    for before in readings[:at]:
        if before.kind == NUMBER:
            query = query.where(~_numbered(before, MemberWord.member_id))
    other = aliased(MemberWord)
    sooner = [_begun(before, other) for before in readings[:at] if before.kind != NUMBER]
    if reading.kind == NAME:  # by several of its words, and shown at the first
        sooner.append(and_(_begun(reading, other), other.word < MemberWord.word))
    if sooner:
        found = select(other.member_id).where(other.member_id == MemberWord.member_id, or_(*sooner))
        query = query.where(~found.correlate(MemberWord).exists())
    here = tuple_(MemberWord.word, MemberWord.member_id)
    if behind:
        there = (literal(behind.word, MemberWord.word.type), literal(behind.member_id))
        query = query.where(here > tuple_(*there))
    return query.order_by(MemberWord.word, MemberWord.member_id)


def named_by(reading: Reading) -> ColumnElement[bool]:
    """Return what holds where a reading tells who is meant: nobody else has what was typed."""
    if reading.kind == NUMBER:
        return true()
    if reading.kind in (EMAIL, PHONE):
        return MemberWord.word == reading.begins
    return false()


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
        said.append(f"{ENDING} {member['phone'][::-1]}")
    if member["postcode"]:
        said.append(f"{POSTCODE} {member['postcode'].lower()}")
    where = {"region_id": member["region_id"], "branch_id": member["branch_id"]}
    return [{"member_id": member["id"], "word": word, **where} for word in said]


def _is_number(bare: str) -> bool:
    """Whether it is a member's number, or whole id; eight letters without a digit are a name."""
    known = len(bare) in (_NUMBER_DIGITS, _UUID_DIGITS) and set(bare) <= set("0123456789abcdef")
    return known and any(letter.isdigit() for letter in bare)


def _phones(typed: str) -> list[Reading]:
    """Return a number, or how one may begin or end, as numbers are kept."""
    try:
        return [Reading(PHONE, (PhoneNumber.parse(typed).e164,))]
    except NotAPhoneNumber:
        pass  # not a whole one: it may be a part
    digits = re.sub(r"[^0-9]", "", typed)
    if not _PHONE.fullmatch(typed) or len(digits) not in _DIGITS:
        return []
    if typed.startswith("+") or digits.startswith("00"):
        return [Reading(PHONE, (f"+{_abroad(digits.removeprefix('00'))}",))]
    whole = digits if digits.startswith("44") else f"44{digits.removeprefix('0')}"
    return [Reading(PHONE, (f"+{_abroad(whole)}",)), Reading(ENDING, (digits[::-1],))]


def _abroad(digits: str) -> str:
    """Return digits that begin with a country's, without the nought of `+44 (0)20`."""
    return f"44{digits[3:]}" if digits.startswith("440") else digits


def _postcodes(typed: str, bare: str) -> list[Reading]:
    """Return a postcode or its beginning, with the space where it belongs: `e11` may be `E1 1`."""
    outward, _space, inward = typed.partition(" ")
    if inward and _OUTWARD.fullmatch(outward) and _INWARD.fullmatch(inward):
        return [Reading(POSTCODE, (f"{outward} {inward}",))]
    parted = ((bare[:at], bare[at:]) for at in range(len(bare), 0, -1))
    return [
        Reading(POSTCODE, (f"{outward} {inward}",))
        for outward, inward in parted
        if _OUTWARD.fullmatch(outward) and _INWARD.fullmatch(inward)
    ]


def _numbered(reading: Reading, column: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- a column of either table
    (digits,) = reading.words
    fill = _UUID_DIGITS - len(digits)
    first, last = uuid.UUID(digits + "0" * fill), uuid.UUID(digits + "f" * fill)
    found: ColumnElement[bool] = column.between(first, last)
    return found


def _begun(reading: Reading, words: type[MemberWord]) -> ColumnElement[bool]:
    """Ask for how words begin: the index for the longest, and a look at each row for the others."""
    return and_(
        words.word >= reading.begins,
        words.word < reading.begins + spelling.LAST,
        *(words.word.like(f"% {each}%") for each in reading.others),
    )


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
