"""Between a page and a browser's passkeys: what is asked, and what the browser holds until then."""

import datetime as dt

from flask import abort, request
from flask import session as browser
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from core import clock
from staff import authenticators, challenges
from staff.authenticators import Relying
from staff.challenges import Challenge, Purpose
from staff.models import StaffAccount
from staff.room import room

FIELD = "passkey"  # where the script puts what the browser answered
_KEPT = "desk-passkey"


def relying() -> Relying:
    """Return who passkeys are made for; where there can be none, there is no such page."""
    return room().relying or abort(404)


def to_make(account: StaffAccount, purpose: Purpose) -> str | None:
    """Put a challenge to the browser; return what it is asked that shall make a passkey.

    None where browsers make none.
    """
    who = room().relying
    return authenticators.to_make(who, account, put(purpose)) if who else None


def to_prove(account: StaffAccount) -> str | None:
    """Put a challenge to the browser; return what it is asked that shall prove a passkey.

    None where browsers cannot, and for an account that has none.
    """
    who = room().relying
    if who is None or not account.passkeys:
        return None
    return authenticators.to_prove(who, account.passkeys, put(Purpose.STEP))


def put(purpose: Purpose) -> Challenge:
    """Draw a challenge for the browser to hold, in place of any that it held before."""
    drawn = challenges.new(purpose, now=clock.now())
    browser[_KEPT] = [drawn.purpose, bytes_to_base64url(drawn.value), drawn.at.timestamp()]
    return drawn


def held(purpose: Purpose) -> Challenge | None:
    """Return the challenge that the browser holds, if it is for this and can still be answered."""
    if not isinstance(kept := browser.get(_KEPT), list) or kept[0] != purpose:
        return None
    at = dt.datetime.fromtimestamp(kept[2], dt.UTC)
    found = Challenge(purpose, base64url_to_bytes(kept[1]), at)
    return found if challenges.is_live(found, now=clock.now()) else None


def forget() -> None:
    """Let the browser hold no challenge any more: it was answered."""
    browser.pop(_KEPT, None)


def answer() -> str:
    """Return what the browser answered."""
    return request.form.get(FIELD, "")
