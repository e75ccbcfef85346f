"""Editing what the public is told of a branch: place, meetings, contact. Nobody moves by it.

A form says what it was made from. Who sends one that was made from something older is told what
the branch says now beside what they typed, and decides.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

from sqlalchemy.orm import Session

from branches.desk.tables import Row, Tables
from branches.desk.world import World, version
from branches.directory import BRANCHES
from branches.models import Branch
from staff import auditing
from staff.auditing import Subject
from staff.principal import Principal

TOLD = ("place", "meets", "email", "phone")
"""The columns that whoever looks after a branch may change."""


class ChangedMeanwhile(ValueError):
    """Somebody else has changed it since the form was made; `now` is what it says now."""

    def __init__(self, now: Row) -> None:
        super().__init__("was changed meanwhile")
        self.now = now


def told(branch: Branch) -> Row:
    """Return what a branch says, as its file has it."""
    return {name: getattr(branch, name) or "" for name in TOLD}


def mark(cells: Mapping[str, str]) -> str:
    """What two readings have in common between which nothing was changed."""
    return hashlib.sha256(json.dumps(dict(cells), sort_keys=True).encode()).hexdigest()


def wished(session: Session, branch: Branch, cells: Mapping[str, str]) -> Tables:
    """Return the directory with other cells in the row of a branch."""
    tables = Tables.held(session)
    row = tables.row(BRANCHES, branch.slug)
    if row is not None:
        row.update({name: cells[name] for name in TOLD})
    return tables


def change(
    session: Session,
    principal: Principal,
    branch: Branch,
    cells: Mapping[str, str],
    *,
    made_from: str,
    world: World,
    now: dt.datetime,
) -> list[str]:
    """Let a branch say something else; return the columns that are new.

    Raises:
        ChangedMeanwhile: it no longer says what the form was made from.
        BadDirectory: what was typed is not what can stand there, or the directory has a fault.
    """
    version(session, lock=True)
    session.refresh(branch)
    held = told(branch)
    if _same(cells, held):
        return []
    if mark(held) != made_from:
        raise ChangedMeanwhile(held)
    world.load(session, wished(session, branch, cells).files())
    session.refresh(branch)
    changed = [name for name in TOLD if told(branch)[name] != held[name]]
    if changed:
        auditing.record(
            session,
            "change",
            by=principal.account_id,
            now=now,
            subject=Subject("branch", branch.id),
            detail=f"told:{'_'.join(changed)}",
        )
    return changed


def _same(cells: Mapping[str, str], held: Row) -> bool:
    return all(cells[name] == held[name] for name in TOLD)
