"""Every route of the desk is for the roles written down here; `tests/safety` walks them all."""

import pytest
from flask import Flask

from core.guards import guard_of
from staff.principal import Role
from tests.staff.conftest import ALEX, KIM, Desk
from tests.staff.test_signing_in import id_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADMINS = frozenset({"admin"})
ORGANISERS = ADMINS | {"organiser"}
READERS = ORGANISERS | {"treasurer"}
MONEY = frozenset({"admin", "treasurer"})
MESSAGES = frozenset({"admin", "moderator"})
EVERYBODY = frozenset(str(role) for role in Role)
# What each route behind the sign-in is for; a new one fails the test until it stands here.
ROUTES = {
    "GET /desk": EVERYBODY,
    "POST /desk/sign-out": EVERYBODY,
    "POST /desk/sign-out-everywhere": EVERYBODY,
    "GET /desk/overview": EVERYBODY,
    "GET /desk/account": EVERYBODY,
    "POST /desk/account/sessions/<uuid:session_id>/end": EVERYBODY,
    "GET /desk/account/password": EVERYBODY,
    "POST /desk/account/password": EVERYBODY,
    "GET /desk/account/recovery-codes": EVERYBODY,
    "POST /desk/account/recovery-codes": EVERYBODY,
    "GET /desk/account/authenticator": EVERYBODY,
    "POST /desk/account/authenticator": EVERYBODY,
    "GET /desk/account/authenticator/new": EVERYBODY,
    "POST /desk/account/authenticator/new": EVERYBODY,
    "GET /desk/account/passkeys": EVERYBODY,
    "POST /desk/account/passkeys": EVERYBODY,
    "GET /desk/account/passkeys/new": EVERYBODY,
    "POST /desk/account/passkeys/new": EVERYBODY,
    "GET /desk/account/passkeys/<uuid:passkey_id>": EVERYBODY,
    "POST /desk/account/passkeys/<uuid:passkey_id>": EVERYBODY,
    "GET /desk/accounts": ADMINS,
    "POST /desk/accounts": ADMINS,
    "GET /desk/accounts/<uuid:account_id>": ADMINS,
    "POST /desk/accounts/<uuid:account_id>": ADMINS,
    "POST /desk/accounts/<uuid:account_id>/invite": ADMINS,
    "POST /desk/accounts/<uuid:account_id>/revoke": ADMINS,
    "GET /desk/accounts/audit": ADMINS,
    "GET /desk/today": ORGANISERS,
    "GET /desk/today/people/<uuid:member_id>": ORGANISERS,
    "POST /desk/today/people/<uuid:member_id>": ORGANISERS,
    "GET /desk/today/texts/<int:enquiry_id>": ORGANISERS,
    "POST /desk/today/texts/<int:enquiry_id>": ORGANISERS,
    "GET /desk/branches": ORGANISERS,
    "GET /desk/branches/<int:branch_id>": ORGANISERS,
    "POST /desk/branches/<int:branch_id>/confirm": ORGANISERS,
    "GET /desk/branches/<int:branch_id>/edit": ORGANISERS,
    "POST /desk/branches/<int:branch_id>/edit": ORGANISERS,
    "GET /desk/branches/directory": ADMINS,
    "POST /desk/branches/directory": ADMINS,
    "GET /desk/branches/directory/export": ADMINS,
    "GET /desk/branches/directory/new": ADMINS,
    "POST /desk/branches/directory/new": ADMINS,
    "GET /desk/branches/directory/branch/<int:branch_id>": ADMINS,
    "POST /desk/branches/directory/branch/<int:branch_id>": ADMINS,
    "GET /desk/branches/directory/region/<int:region_id>": ADMINS,
    "POST /desk/branches/directory/region/<int:region_id>": ADMINS,
    "GET /desk/branches/directory/changes/<uuid:change_id>": ADMINS,
    "POST /desk/branches/directory/changes/<uuid:change_id>": ADMINS,
    "GET /desk/accounts/audit/export": ADMINS,
    "POST /desk/accounts/audit/export": ADMINS,
    "GET /desk/numbers": READERS,
    "GET /desk/health": ADMINS,
    "GET /desk/requests": ADMINS,
    "GET /desk/requests/<int:number>": ADMINS,
    "POST /desk/requests/<int:number>/confirm": ADMINS,
    "POST /desk/requests/<int:number>/extend": ADMINS,
    "POST /desk/requests/<int:number>/done": ADMINS,
    "GET /desk/retention": ADMINS,
    "GET /desk/people": READERS,
    "POST /desk/people": READERS,
    "GET /desk/people/<uuid:member_id>": READERS,
    "POST /desk/people/<uuid:member_id>/notes": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/notes/<int:note_id>/strike": ORGANISERS,
    "GET /desk/people/<uuid:member_id>/details": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/details": ORGANISERS,
    "GET /desk/people/<uuid:member_id>/transfer": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/transfer": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/accept": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/decline": ORGANISERS,
    "GET /desk/people/<uuid:member_id>/same/<uuid:other_id>": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/same/<uuid:other_id>": ORGANISERS,
    "POST /desk/people/<uuid:member_id>/two/<uuid:other_id>": ORGANISERS,
    "GET /desk/people/export": ORGANISERS,
    "POST /desk/people/export": ORGANISERS,
    "GET /desk/people/taken": ADMINS,
    "GET /desk/money": MONEY,
    "POST /desk/money": MONEY,
    "GET /desk/money/payments/<uuid:payment_id>": MONEY,
    "POST /desk/money/payments/<uuid:payment_id>/refund": MONEY,
    "POST /desk/money/payments/<uuid:payment_id>/undo": MONEY,
    "GET /desk/money/refunds": MONEY,
    "POST /desk/money/refunds/<uuid:wish_id>/confirm": MONEY,
    "POST /desk/money/refunds/<uuid:wish_id>/refuse": MONEY,
    "GET /desk/money/offline": MONEY,
    "GET /desk/money/offline/new": MONEY,
    "POST /desk/money/offline/new": MONEY,
    "GET /desk/money/bank": MONEY,
    "POST /desk/money/bank": MONEY,
    "GET /desk/money/bank/decided": MONEY,
    "GET /desk/money/bank/<int:line_id>": MONEY,
    "POST /desk/money/bank/<int:line_id>/match": MONEY,
    "POST /desk/money/bank/<int:line_id>/not-ours": MONEY,
    "POST /desk/money/bank/<int:line_id>/undo": MONEY,
    "GET /desk/money/held": MONEY,
    "POST /desk/money/held/<uuid:pledge_id>": MONEY,
    "GET /desk/money/payouts": MONEY,
    "GET /desk/money/disputes": MONEY,
    "GET /desk/money/checks": MONEY,
    "POST /desk/money/checks/<uuid:payment_id>": MONEY,
    "GET /desk/money/months": MONEY,
    "GET /desk/money/months/<month>": MONEY,
    "GET /desk/money/months/<month>/csv": MONEY,
    "GET /desk/messages": MESSAGES,
    "GET /desk/messages/decided": MESSAGES,
    "POST /desk/messages/<uuid:pledge_id>/approve": MESSAGES,
    "POST /desk/messages/<uuid:pledge_id>/hide": MESSAGES,
    "POST /desk/messages/<uuid:pledge_id>/undo": MESSAGES,
}


def of_staff(app: Flask) -> dict[str, frozenset[str]]:
    """Every route behind a guard of staff, with the roles that the guard lets in."""
    return {
        f"{method} {rule.rule}": who.roles or EVERYBODY
        for rule in app.url_map.iter_rules()
        if (who := guard_of(rule.endpoint.rpartition(".")[0])) and who.name == "staff"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_for_the_roles_that_are_written_down(desk: Desk) -> None:
    assert of_staff(desk.app) == ROUTES


def test_what_is_not_for_a_role_answers_as_what_there_is_not(desk: Desk) -> None:
    desk.admin()
    kim = desk.organiser()
    real = kim.client.get(f"/desk/accounts/{id_of(desk, ALEX)}")
    none = kim.client.get("/desk/nothing/here")
    assert (real.status_code, none.status_code) == (404, 404)
    assert real.text == none.text


def test_what_an_admin_takes_away_is_gone_with_the_next_request(desk: Desk) -> None:
    alex, kim = desk.admin(), desk.organiser()
    kim_id = id_of(desk, KIM)
    assert kim.client.get("/desk/accounts").status_code == 404
    assert alex.press(f"/desk/accounts/{kim_id}", role="admin").status_code == 303
    assert kim.client.get("/desk/accounts").status_code == 200
    assert alex.press(f"/desk/accounts/{kim_id}", role="moderator").status_code == 303
    assert kim.client.get("/desk/accounts").status_code == 404
    assert alex.press(f"/desk/accounts/{kim_id}/revoke").status_code == 303
    assert kim.client.get("/desk").location == "/desk/sign-in"
    assert kim.type_password().status_code == 422
