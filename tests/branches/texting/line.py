"""A text line on a database, for tests of what becomes of texts."""

import datetime as dt

import pytest
from sqlalchemy import select

from branches.models import InboundText
from branches.texting.answering import TextLine
from branches.texting.gateways import Inbound, ReplyBy
from branches.texting.receiving import Rules, receive
from core.database import Database
from tests.fakes import START

SAM = "+447700900123"
PLACED = "Sam Jones ZZ1 1AA"
RULES = Rules(
    keys=(b"the key in use",),
    own_number="+447700900999",
    office_email="office@example.org",
    texts_an_hour=5,
    texts_an_hour_in_all=8,
    text_days=30,
)


class Line:
    """A text line on a database, with a clock that is moved by hand."""

    def __init__(self, database: Database, line: TextLine) -> None:
        self.database, self.line = database, line
        self.rules, self.now = RULES, START
        self._count = 0

    def text(
        self,
        text: str,
        *,
        sender: str = SAM,
        message_id: str | None = "new",
        reply_by: ReplyBy = ReplyBy.ANSWER,
    ) -> str | None:
        if message_id == "new":
            self._count += 1
            message_id = f"message {self._count}"
        inbound = Inbound("generic", message_id, sender, text, reply_by)
        today = self.now.date()
        with self.database.transaction() as session:
            return receive(session, self.line, inbound, rules=self.rules, today=today, now=self.now)

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)

    def all(self, kind: type) -> list[object]:
        with self.database.reading() as session:
            return list(session.scalars(select(kind).order_by(kind.id)))  # type: ignore[attr-defined]  # every table has one

    def last(self) -> InboundText:
        with self.database.reading() as session:
            return session.scalars(select(InboundText).order_by(InboundText.id.desc())).first() or (
                pytest.fail("no text was stored")
            )
