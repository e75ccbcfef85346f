"""The buttons of admins, treasurers and moderators, and of everybody's own account."""

import functools
import io
from collections.abc import Callable

from sqlalchemy import update

from staff import passwords
from staff.models import StaffAccount
from tests.payments.offline.kit import bank_file
from tests.safety.buttons import Desk
from tests.safety.presses import (
    ADMIN,
    BRANCHES,
    MODERATOR,
    ORGANISER,
    PEOPLE,
    TREASURER,
    WHY,
    Button,
    open_page,
    path_of,
    press,
)
from tests.staff.conftest import PASSWORD

_LINES = ("20/11/2026,FPI,A NEWCOMER,,11.00,1011.00",)
_ENTRY = {
    "method": "cash",
    "amount": "7",
    "received": "20/11/2026",
    "appeal": "fighting-fund",
    "display": "anonymous",
}
_BOOKED = {"appeal": "fighting-fund", "name": "Ann Jones", "postcode": "E11 1AA"}
_LINE = "/desk/money/bank/{line_id}"
_REQUEST = "/desk/requests/{number}"
_ACCOUNT = "/desk/accounts/{account_id}"


@functools.cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


def with_password(desk: Desk) -> None:
    """Give two of them a password and an authenticator, which they lack who came by the back."""
    emails = ("admin@example.org", "organiser-of-a@example.org")
    with desk.town.database.transaction() as session:
        some = update(StaffAccount).where(StaffAccount.email.in_(emails))
        session.execute(some.values(password_hash=_hashed(), totp_secret="sealed"))


def _file(text: str, name: str) -> Callable[[], tuple[io.BytesIO, str]]:
    return lambda: (io.BytesIO(text.encode()), name)


ADMINS = {
    "confirm": Button(
        "/desk/requests/<int:number>/confirm",
        ADMIN,
        _REQUEST,
        noted="change privacy-request request:confirmed",
    ),
    "extend": Button(
        "/desk/requests/<int:number>/extend",
        ADMIN,
        _REQUEST,
        {"why": WHY},
        "change privacy-request request:extended",
    ),
    "done": Button(
        "/desk/requests/<int:number>/done",
        ADMIN,
        _REQUEST,
        {"outcome": "Rowanwords: put right"},
        "change privacy-request request:done",
    ),
    "invite": Button(
        "/desk/accounts",
        ADMIN,
        "/desk/accounts",
        {"email": "rowan@example.org", "role": "treasurer"},
        "change staff invited",
    ),
    "appoint": Button(
        "/desk/accounts/<uuid:account_id>",
        ADMIN,
        _ACCOUNT,
        {"role": "organiser", "regions": ["7703461", "7703462"]},
        "change staff role:organiser",
    ),
    "invite anew": Button(
        "/desk/accounts/<uuid:account_id>/invite", ADMIN, _ACCOUNT, noted="change staff invited"
    ),
    "revoke": Button(
        "/desk/accounts/<uuid:account_id>/revoke", ADMIN, _ACCOUNT, noted="change staff revoked"
    ),
    "take the audit": Button(
        "/desk/accounts/audit/export",
        ADMIN,
        "/desk/accounts/audit/export",
        {"reason": WHY},
        "export audit-export audit:0",
    ),
}
_OWN = "/desk/account"
OWN = {
    "end a session": Button(
        "/desk/account/sessions/<uuid:session_id>/end",
        ORGANISER,
        _OWN,
        noted="change staff session-ended",
    ),
    "password": Button(
        f"{_OWN}/password",
        ADMIN,
        f"{_OWN}/password",
        {"password": PASSWORD, "new_password": "amber quilt november drum"},
        "change staff password",
        with_password,
        again=frozenset({"audit_entry"}),  # that the old password is the old one by then
    ),
    "authenticator": Button(
        f"{_OWN}/authenticator",
        ADMIN,
        f"{_OWN}/authenticator",
        {"password": PASSWORD},
        before=with_password,
    ),
    "passkeys": Button(
        f"{_OWN}/passkeys",
        ADMIN,
        f"{_OWN}/passkeys",
        {"password": PASSWORD},
        before=with_password,
        changes=False,
    ),
    "remove a passkey": Button(
        f"{_OWN}/passkeys/<uuid:passkey_id>",
        ORGANISER,
        f"{_OWN}/passkeys/{{passkey_id}}",
        {"password": PASSWORD},
        "change staff passkey-removed",
        with_password,
    ),
    "sign out": Button("/desk/sign-out", ORGANISER, "/desk/overview", noted=""),
    "sign out everywhere": Button(
        "/desk/sign-out-everywhere", ORGANISER, _OWN, noted="change staff signed-out-everywhere"
    ),
}


def _entered(desk: Desk) -> None:
    """Enter a gift in cash, and note under which payment."""
    button = MONEY["enter"]
    answer = desk.send(TREASURER, path_of(desk, button), open_page(desk, button))
    assert answer.status_code == 303, answer.text
    desk.town.rows["entered_id"] = {"A": str(answer.location).rpartition("/")[2]}


def _matched(desk: Desk) -> None:
    press(desk, MONEY["match"])


def _refused(desk: Desk) -> None:
    press(desk, MONEY["refuse"])


def _approved(desk: Desk) -> None:
    press(desk, MESSAGES["approve"])


MONEY = {
    "search": Button("/desk/money", TREASURER, "/desk/money", {"q": "Perpetua"}, changes=False),
    "refund": Button(
        "/desk/money/payments/<uuid:payment_id>/refund",
        TREASURER,
        "/desk/money/payments/{payment_id}",
        {"amount": "1", "why": WHY},
        "change pledge refund-asked",
        _refused,
    ),
    "enter": Button(
        "/desk/money/offline/new",
        TREASURER,
        "/desk/money/offline/new",
        dict(_ENTRY),
        "change pledge offline-entered",
    ),
    "undo an entry": Button(
        "/desk/money/payments/<uuid:payment_id>/undo",
        TREASURER,
        "/desk/money/payments/{entered_id}",
        {"why": WHY},
        "change pledge offline-undone",
        _entered,
        "/desk/money/payments/{entered_id}/undo",
    ),
    "agree": Button(
        "/desk/money/refunds/<uuid:wish_id>/confirm",
        ADMIN,
        "/desk/money/refunds",
        noted="change pledge refund-granted",
    ),
    "refuse": Button(
        "/desk/money/refunds/<uuid:wish_id>/refuse",
        ADMIN,
        "/desk/money/refunds",
        noted="change pledge refund-refused",
    ),
    "load the bank's file": Button(
        "/desk/money/bank",
        TREASURER,
        "/desk/money/bank",
        {"account": "current", "file": _file(bank_file(*_LINES), "november.csv")},
        "change None bank-loaded:1",
    ),
    "match": Button(
        "/desk/money/bank/<int:line_id>/match",
        TREASURER,
        _LINE,
        {**_BOOKED, "like": ""},
        "change pledge bank-matched",
    ),
    "not ours": Button(
        "/desk/money/bank/<int:line_id>/not-ours",
        TREASURER,
        _LINE,
        {"why": WHY},
        "change bank-line bank-not-ours",
    ),
    "undo a match": Button(
        "/desk/money/bank/<int:line_id>/undo",
        TREASURER,
        _LINE,
        {"why": WHY},
        "change bank-line bank-undone",
        _matched,
    ),
    "check": Button(
        "/desk/money/checks/<uuid:payment_id>",
        TREASURER,
        "/desk/money/checks",
        {"decision": "accept", "why": WHY},
        "change pledge check-accepted",
    ),
}
MESSAGES = {
    "approve": Button(
        "/desk/messages/<uuid:pledge_id>/approve",
        MODERATOR,
        "/desk/messages",
        noted="change pledge message-approve",
    ),
    "hide": Button(
        "/desk/messages/<uuid:pledge_id>/hide",
        MODERATOR,
        "/desk/messages",
        {"why": WHY},
        "change pledge message-hide",
    ),
    "undo": Button(
        "/desk/messages/<uuid:pledge_id>/undo",
        MODERATOR,
        "/desk/messages/decided",
        noted="change pledge message-undo",
        before=_approved,
    ),
}
EVERY = (PEOPLE, BRANCHES, ADMINS, MONEY, MESSAGES, OWN)
# What is not pressed here, and where it is instead.
ELSEWHERE = {
    f"{_OWN}/recovery-codes": "each press makes new ones, and the page says so: test_signing_in.py",
    f"{_OWN}/authenticator/new": "a code is taken once: test_signing_in.py",
    f"{_OWN}/passkeys/new": "a challenge is answered once: test_own_passkeys.py",
    "/desk/people": "what is typed is kept once, and nothing else is: test_finding.py",
    "/desk/money/held/<uuid:pledge_id>": "it has to be held first: test_held.py",
    "/desk/branches/directory": "three files, prepared as each form is: test_changing.py",
}
