"""The archive of what we hold about somebody, with its page in words."""

import datetime as dt
import json

from flask import render_template
from sqlalchemy.orm import Session

from core.protection import Person
from members.protection import exporting
from members.protection.finding import NobodyMeant
from members.protection.registry import registry


def of(session: Session, person: Person, *, now: dt.datetime) -> bytes:
    """Return the archive: a page to read, and the same for machines.

    Raises:
        NobodyMeant: nothing is held about them.
    """
    here = registry()
    sections = exporting.gather(session, person, here.keepers)
    if not sections:
        raise NobodyMeant("is nobody we hold anything about")
    head = {"organisation": here.organisation.name, "made_at": now.isoformat()}
    page = render_template(
        "members/export.html",
        sections=sections,
        purposes=[each for each in here.purposes if _held(each.tables, sections)],
        periods=here.periods(),
        made_at=now,
        shown=_shown,
    )
    return exporting.pack(page, exporting.as_json(sections, head=head), now=now)


def _held(tables: tuple[str, ...], sections: list[exporting.Section]) -> bool:
    return any(each.table in tables for each in sections)


def _shown(cell: object) -> str:
    """Return a cell as the page shows it."""
    if cell is None:
        return ""
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, indent=1)
    return str(cell)
