"""Buttons as a browser presses them: a form is read off its page, filled in, and sent.

`Desk` puts the whole database back between one press and the next case, and says what changed.
"""

import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from core.guards import guard_of
from tests.safety.town import Town

# What somebody sees of another's page leaves these alone, and so does a look.
_LOOKS = ("look", "search")
_COOKIE = "groundswell"
Typed = Mapping[str, object]
Row = tuple[object, ...]


@dataclass
class Form:
    """A form of a page: where it leads, and what it would send as it stands."""

    action: str
    fields: dict[str, object] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Reads the forms of a page that are sent by POST."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method") == "post":
            self._open = Form(told.get("action", ""))
            self.found.append(self._open)
        elif self._open is not None and tag in ("input", "textarea", "select", "option"):
            self._take(self._open.fields, tag, told)

    def _take(self, fields: dict[str, object], tag: str, told: dict[str, str]) -> None:
        name = told.get("name", "")
        if tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option":
            if "selected" in told or self._select not in fields:
                fields[self._select] = told.get("value", "")
        elif told.get("type") not in ("radio", "checkbox", "submit", "file") or "checked" in told:
            fields[name] = told.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            # HTML drops the one new line that follows the tag.
            before = self._open.fields[self._area]
            self._open.fields[self._area] = f"{before}{data}" if before else data.lstrip("\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = ""


def forms(page: str) -> list[Form]:
    """Return the forms of a page that are sent by POST, in their order."""
    read = _Forms()
    read.feed(page)
    return read.found


@dataclass
class Desk:
    """A town whose database can be put back as it was; `seats` are everybody's cookies."""

    town: Town
    seats: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = {name: dict(rows) for name, rows in self.town.rows.items()}
        for name, visitor in self.town.visitors.items():
            cookie = visitor.client.get_cookie(_COOKIE)
            if cookie is not None:
                self.seats[name] = cookie.value
        with self.town.database.engine.connect() as kept:
            kept.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.town.database.engine.dispose()
        shutil.copy(self._file, self._kept)

    @property
    def _file(self) -> Path:
        return Path(self.town.database.engine.url.database or "")

    @property
    def _kept(self) -> Path:
        return self._file.with_suffix(".kept")

    def put_back(self) -> None:
        """Let nothing have happened."""
        self.town.database.engine.dispose()
        for end in ("-wal", "-shm"):
            Path(f"{self._file}{end}").unlink(missing_ok=True)
        shutil.copy(self._kept, self._file)
        self.town.rows = {name: dict(rows) for name, rows in self.ids.items()}
        for name, cookie in self.seats.items():
            self.town.visitors[name].client.set_cookie(_COOKIE, cookie)

    def get(self, who: str, path: str) -> str:
        """Open a page; it has to be one."""
        answer = self.town.visitors[who].client.get(path)
        assert answer.status_code == 200, (who, path, answer.status_code, answer.location)
        return answer.text

    def filled(self, who: str, page: str, action: str, typed: Typed) -> dict[str, object]:
        """Return what a browser would send of the form of a page that leads to `action`."""
        found = [
            each
            for each in forms(self.get(who, page))
            if (each.action or page) == action or each.action.partition("?")[0] == action
        ]
        assert found, f"{page} has no form for {action}"
        wanted = typed.get("step_id")
        chosen = [each for each in found if wanted is None or each.fields.get("step_id") == wanted]
        meant = max(chosen or found, key=lambda each: len(each.fields.keys() & typed.keys()))
        return {**meant.fields, **typed}

    def send(self, who: str, path: str, form: Typed) -> TestResponse:
        """Send a form; files in it are opened anew, for each is read once."""
        data = {name: each() if callable(each) else each for name, each in form.items()}
        own = {"Origin": self.town.app.extensions["staff"].public_url}
        return self.town.visitors[who].client.post(path, data=data, headers=own)

    def arrive(self, who: str, answer: TestResponse) -> TestResponse:
        """Follow an answer to the page it leads to."""
        seen = 0
        while answer.status_code in (302, 303) and seen < 4:
            seen += 1
            answer = self.town.visitors[who].client.get(answer.location or "")
        return answer

    def rows(self) -> dict[str, list[Row]]:
        """Return every row there is, but for looks and for who tried how often to sign in."""
        with self.town.database.engine.connect() as reading:
            found = {}
            for name in sa.inspect(reading).get_table_names():
                if name not in ("staff_throttle", "request_count"):
                    rows = reading.exec_driver_sql(f'SELECT * FROM "{name}"')  # noqa: S608 -- a table of ours
                    keys = list(rows.keys())
                    found[name] = [tuple(each) for each in rows if not _is_look(name, keys, each)]
            return found

    def noted(self) -> list[Row]:
        """Return what the audit holds but looks: kind, account, row and detail."""
        asked = "SELECT kind, account_id, subject_kind, subject_id, detail FROM audit_entry"
        with self.town.database.engine.connect() as reading:
            rows = reading.exec_driver_sql(f"{asked} ORDER BY id")
            return [tuple(each) for each in rows if each[0] not in _LOOKS]

    def account(self, who: str) -> str:
        """Return the id of somebody's account as the database has it."""
        return self.id_of(f"{who.lower().replace(' ', '-')}@example.org")

    def id_of(self, email: str) -> str:
        """Return the id of the account of an address."""
        with self.town.database.engine.connect() as reading:
            found = reading.exec_driver_sql(
                "SELECT id FROM staff_account WHERE email = ?", (email,)
            )
            return str(uuid.UUID(found.scalar_one()))


def _is_look(table: str, keys: list[str], row: Iterable[object]) -> bool:
    return table == "audit_entry" and dict(zip(keys, row, strict=True))["kind"] in _LOOKS


def differing(before: Mapping[str, list[Row]], after: Mapping[str, list[Row]]) -> list[str]:
    """Name the tables that are not as they were."""
    return [name for name, rows in after.items() if rows != before[name]]


def posts(app: Flask) -> set[str]:
    """Every route behind the sign-in by which something is sent, as rule."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
        and (who := guard_of(rule.endpoint.rpartition(".")[0])) is not None
        and who.name == "staff"
        and not rule.endpoint.startswith(("desk_leaky", "desk_sound"))
    }
