"""People of whom every room holds something, and the commands about them."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText
from branches.texting.numbers import hashes
from core import links
from core.database import Base, Database
from members.models import Member
from payments import settling
from payments.models import LedgerEntry, Pledge, WebhookEvent
from payments.notices import Outcome, SubscriptionEnded
from payments.wall import deciding
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules

SAM = "sam@example.org"
MESSAGE = "Solidarity from the night shift"


def run(app: Flask, *args: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["members", *args], input=typed)


def give(session: Session, pence: int = 1000, **but: object) -> Pledge:
    """Let Sam (or whoever `but` says) give, with a message on the wall."""
    pledge = make_pledge(session, pence=pence)
    values = {"message": MESSAGE, "display": "full", "postcode": "E11 1AA", **but}
    for key, value in values.items():
        setattr(pledge, key, value)
    session.flush()
    notice = make_notice(pledge, Outcome.PAID)
    settling.apply(session, notice, rules=make_rules(), now=START)
    if pledge.message:
        deciding.approve(session, pledge.id, who="Mo", now=START)
    told = WebhookEvent(
        event_id=f"evt_{pledge.id.hex}",
        type="checkout.session.completed",
        livemode=False,
        created=START,
        received_at=START,
        raw=json.dumps({"session": notice.session_id, "email": pledge.email}).encode(),
        pledge_id=pledge.id,
        outcome="applied",
        done_at=START,
    )
    session.add(told)
    session.flush()
    return pledge


def text_us(session: Session, app: Flask, phone: str = "+447700900123") -> None:
    """Let somebody text from a number, whose text became an enquiry."""
    keys = tuple(key.encode() for key in app.extensions["link_keys"])
    inbound = InboundText(
        gateway="generic",
        message_id=f"text-{phone}",
        sender=phone,
        sender_hash=hashes(phone, keys)[0],
        text="Sam Jones E11 1AA",
        received_at=START,
        outcome="match",
        reply="Waltham Forest",
        forget_on=START.date() + dt.timedelta(days=30),
    )
    session.add(inbound)
    session.flush()
    enquiry = Enquiry(
        inbound_text_id=inbound.id,
        name="Sam Jones",
        phone=phone,
        postcode="E11 1AA",
        created_at=START,
        forget_on=inbound.forget_on,
    )
    session.add(enquiry)
    links.mint(session, SAM, lifetime=dt.timedelta(days=1), now=START)


def end_dues(session: Session) -> None:
    """Let Stripe end the dues of everybody."""
    for pledge in session.scalars(select(Pledge).where(Pledge.kind == "dues")).all():
        subscription = pledge.stripe_subscription or ""
        ended = SubscriptionEnded(subscription, pledge.id, livemode=False, at=START)
        settling.apply(session, ended, rules=make_rules(), now=START)


def member_of(database: Database) -> Member:
    with database.reading() as session:
        return session.scalars(select(Member).order_by(Member.created_at)).all()[-1]


def opened(path: Path) -> tuple[dict[str, Any], str]:
    """Return what an archive says to machines, and its page."""
    return unpacked(path.read_bytes())


def unpacked(content: bytes) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == ["data.json", "index.html"]
        return json.loads(archive.read("data.json")), archive.read("index.html").decode()


def everything(database: Database) -> str:
    """Return every cell of every table, to look for what should not be there."""
    with database.reading() as session:
        return "\n".join(
            f"{table.name}.{column}={value!r}"
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table)).mappings()
            for column, value in row.items()
        )


def sums(session: Session) -> list[tuple[str, int]]:
    """Return what every account of the ledger comes to."""
    found: dict[str, int] = {}
    for entry in session.scalars(select(LedgerEntry)):
        found[entry.account] = found.get(entry.account, 0) + entry.pence
    return sorted(found.items())
