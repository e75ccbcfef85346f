"""Sitting down at the desk at a real browser: from an invitation's letter to the first page."""

import datetime as dt
import re
import uuid

import pyotp
from sqlalchemy import select

from branches.models import Region
from core.addresses import EmailAddress
from staff import inviting
from staff.accounts import Post
from staff.principal import Role
from tests.browser.visiting import Visitor
from tests.staff.conftest import PASSWORD, secret_in


def invited(visitor: Visitor, role: Role) -> tuple[str, str]:
    """Invite somebody, an organiser to London; return their address and the letter's link."""
    email = f"{uuid.uuid4().hex}@example.org"
    with visitor.place.database.transaction() as session:
        london = session.scalars(select(Region.id).where(Region.slug == "london")).one()
        places = frozenset([london]) if role is Role.ORGANISER else frozenset()
        now = dt.datetime.now(dt.UTC)
        address = EmailAddress.parse(email)
        inviting.invite(session, address, Post(role, regions=places), by=None, now=now)
    (letter,) = visitor.place.sandbox.wait_for_letters(email)
    found = re.search(r"(/desk/invitation\?token=\S+)", str(letter["text"]))
    assert found
    return email, found[1]


def type_code(visitor: Visitor) -> None:
    """Set up the authenticator that the page shows."""
    secret = secret_in(visitor.page.content())
    visitor.write("Code", pyotp.TOTP(secret).at(int(dt.datetime.now(dt.UTC).timestamp())))
    visitor.press("Use this authenticator")


def sit_down(visitor: Visitor, role: Role) -> None:
    """Take up an invitation, and go on to the desk's first page."""
    _email, link = invited(visitor, role)
    visitor.go(link)
    visitor.write("New password", PASSWORD)
    visitor.press("Go on")
    type_code(visitor)
    visitor.follow("I have kept them")
