"""Everything that is held about somebody, over every room, to be read by them and by machines."""

import datetime as dt
import io
import json
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from core import walking
from core.protection import Keeper, Person

# What is no fact about a person: what our machinery goes by, what would open something, and who of
# the staff decided (another person's data).
WITHHELD = frozenset(
    {
        *("digest", "password_hash", "totp_secret", "totp_step", "new_secret", "subject_id"),
        *("form_nonce", "sender_hash", "number_hash", "address_hash", "known_as", "message_id"),
        *("due_at", "attempts", "last_error", "idempotency_key", "url", "fingerprint", "folded"),
        *("who", "touches", "refusals", "change_key", "nonce", "sort_key"),
        *("credential_id", "public_key", "sign_count"),
    }
)
# Who else might be meant is another person; and what is written anew from other rows.
_TABLES_WITHHELD = frozenset({"detail_inquiry", "likeness", "member_word"})


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table, in its columns' order; every cell is text, a number or JSON's own."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def gather(session: Session, person: Person, keepers: Sequence[Keeper]) -> list[Section]:
    """Return what every room holds of somebody, in a fixed order; nothing, where there is none."""
    roots: dict[str, set[object]] = defaultdict(set)
    for keeper in keepers:
        for table, ids in keeper.roots(session, person).items():
            roots[table].update(ids)
    found = walking.walk(session, roots)
    return [
        _section(table, rows)
        for table, rows in sorted(found.items())
        if table not in _TABLES_WITHHELD
    ]


def _section(table: str, rows: Sequence[RowMapping]) -> Section:
    columns = tuple(name for name in rows[0] if name not in WITHHELD)
    cells = tuple(tuple(_plain(row[name]) for name in columns) for row in rows)
    return Section(table, columns, cells)


def _plain(value: object) -> object:
    """Return a value as JSON can say it. What Stripe told is JSON already."""
    if isinstance(value, bytes):
        try:
            return json.loads(value) if value else None
        except ValueError:
            return value.decode("utf-8", "replace")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def as_json(sections: Iterable[Section], *, head: Mapping[str, object]) -> str:
    """Write what is held for machines."""
    held = {
        each.table: [dict(zip(each.columns, row, strict=True)) for row in each.rows]
        for each in sections
    }
    return json.dumps({**head, "held": held}, ensure_ascii=False, indent=2)


def pack(page: str, machine: str, *, now: dt.datetime) -> bytes:
    """Put the page and the file for machines into one archive."""
    packed = io.BytesIO()
    stamp = now.timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("index.html", page), ("data.json", machine)):
            archive.writestr(zipfile.ZipInfo(name, stamp), text.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
