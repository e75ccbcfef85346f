"""What every route answers those whom it lets in: to an empty form, to a page without a query.

A route that is not here fails the walk. Whom a route lets in follows from its guard, and for staff
from `ROUTES` in `tests/staff/test_every_route.py`. What is asked for by an id or a name that is not
theirs is 404 to everybody, and need not be said.

What a new page needs, so that it is looked at as sharply as the others:

- a line here for each of its routes; if staff see it, a line in that `ROUTES` too;
- where its address has an argument that no address had before: a row of each region under that
  name, in `_keep_rows`, `_staff` or `_lay_out` of `town.py`, with a detail of its person for a
  canary where the row holds words. Numbers are long enough to be known again on a page.
  `walking.PRIVATE` names the arguments that lead to something of one account alone,
  `walking.SHARED` those of everybody;
- a name in its query that no page had: a line in `QUERIES` of `test_two_regions.py`, or in `IDS`;
- a new kind of signed link: `KINDS` of `test_links.py`; a new file for spreadsheets: `WRITERS` of
  `test_formulas.py`; a field by another name: `every_field` of `test_canaries.py`;
- a button: a line in `presses.py` or `presses_of_the_office.py`, and what its page says once it
  has grown old in `old_pages.py`;
- where its form, filled in, shows a page that an empty one does not: a line in `_by_form` of
  `tests/browser/test_everybody_can_use.py`; where it changes or gives out what is of a region, a
  test beside `test_people_of_two_regions.py`, or in `test_desks_of_two_regions.py`.

Everything else is found by walking: who is let in, what is hidden, forms without their token, the
canaries, the naughty strings, and axe.
"""

from collections.abc import Mapping

from tests.safety import leaks

# A status; or one for each stage of a sign-in, or for each role, where they are told apart.
Status = int | Mapping[str, int]
EXPECTED: dict[str, Mapping[str, Status]] = {
    **leaks.EXPECTED,
    "branches": {
        "GET /branches": 200,
        "GET /branches/<slug>": 200,
        "GET /branches/<slug>/leaflet": 200,
        "GET /branches/<slug>/meetings.ics": 200,
        "GET /regions/<slug>": 200,
    },
    "branches_api": {
        "GET /api/v1/branches": 200,
        "GET /api/v1/nearest": 400,
        "GET /api/v1/regions": 200,
        "POST /api/v1/nearest": 400,
    },
    "desk": {
        "GET /desk": {"admin": 200, "organiser": 303, "treasurer": 303, "moderator": 303},
        "GET /desk/account": 200,
        "GET /desk/account/authenticator": 200,
        "GET /desk/account/authenticator/new": 303,
        "GET /desk/account/passkeys": 200,
        "GET /desk/account/passkeys/<uuid:passkey_id>": 200,
        "GET /desk/account/passkeys/new": 303,
        "GET /desk/account/password": 200,
        "GET /desk/account/recovery-codes": 200,
        "GET /desk/overview": 200,
        "POST /desk/account/authenticator": 422,
        "POST /desk/account/authenticator/new": 303,
        "POST /desk/account/passkeys": 422,
        "POST /desk/account/passkeys/<uuid:passkey_id>": 422,
        "POST /desk/account/passkeys/new": 303,
        "POST /desk/account/password": 422,
        "POST /desk/account/recovery-codes": 422,
        "POST /desk/account/sessions/<uuid:session_id>/end": 303,
        "POST /desk/sign-out": 303,
        "POST /desk/sign-out-everywhere": 303,
    },
    "desk_accounts": {
        "GET /desk/accounts": 200,
        "GET /desk/accounts/<uuid:account_id>": 200,
        "GET /desk/accounts/audit": 200,
        "GET /desk/accounts/audit/export": 200,
        "POST /desk/accounts": 422,
        "POST /desk/accounts/audit/export": 422,
        "POST /desk/accounts/<uuid:account_id>": 422,
        # Without the version that they had before their eyes.
        "POST /desk/accounts/<uuid:account_id>/invite": 409,
        "POST /desk/accounts/<uuid:account_id>/revoke": 409,
    },
    "desk_bank": {
        "GET /desk/money/bank": 200,
        "GET /desk/money/bank/<int:line_id>": 200,
        "GET /desk/money/bank/decided": 200,
        "POST /desk/money/bank": 422,
        "POST /desk/money/bank/<int:line_id>/match": 422,
        "POST /desk/money/bank/<int:line_id>/not-ours": 422,
        "POST /desk/money/bank/<int:line_id>/undo": 422,
    },
    "desk_branches": {
        "GET /desk/branches": 200,
        "GET /desk/branches/<int:branch_id>": 200,
        "GET /desk/branches/<int:branch_id>/edit": 200,
        # Without the words that they had before their eyes.
        "POST /desk/branches/<int:branch_id>/confirm": 409,
        # Nothing is told of it, and an empty form tells nothing.
        "POST /desk/branches/<int:branch_id>/edit": 303,
    },
    "desk_directory": {
        "GET /desk/branches/directory": 200,
        "GET /desk/branches/directory/branch/<int:branch_id>": 200,
        "GET /desk/branches/directory/changes/<uuid:change_id>": 200,
        "GET /desk/branches/directory/export": 200,
        "GET /desk/branches/directory/new": 200,
        "GET /desk/branches/directory/region/<int:region_id>": 200,
        "POST /desk/branches/directory": 422,
        "POST /desk/branches/directory/branch/<int:branch_id>": 409,
        "POST /desk/branches/directory/changes/<uuid:change_id>": 303,
        "POST /desk/branches/directory/new": 422,
        "POST /desk/branches/directory/region/<int:region_id>": 409,
    },
    "desk_health": {
        "GET /desk/health": 200,
    },
    "desk_numbers": {
        "GET /desk/numbers": 200,
    },
    "desk_requests": {
        "GET /desk/requests": 200,
        "GET /desk/requests/<int:number>": 200,
        "POST /desk/requests/<int:number>/confirm": 303,
        "POST /desk/requests/<int:number>/done": 422,
        "POST /desk/requests/<int:number>/extend": 422,
    },
    "desk_retention": {
        "GET /desk/retention": 200,
    },
    "desk_today": {
        "GET /desk/today": 200,
        "GET /desk/today/people/<uuid:member_id>": 200,
        "GET /desk/today/texts/<int:enquiry_id>": 200,
        "POST /desk/today/people/<uuid:member_id>": 422,
        "POST /desk/today/texts/<int:enquiry_id>": 422,
    },
    "desk_books": {
        "GET /desk/money/checks": 200,
        "GET /desk/money/disputes": 200,
        "GET /desk/money/months": 200,
        "GET /desk/money/months/<month>": 200,
        "GET /desk/money/months/<month>/csv": 200,
        "GET /desk/money/payouts": 200,
        "POST /desk/money/checks/<uuid:payment_id>": 422,
    },
    "desk_door": {
        "GET /desk/invitation": 410,
        "GET /desk/sign-in": 200,
        "POST /desk/invitation": 410,
        "POST /desk/sign-in": 422,
        "POST /desk/sign-in/passkey": 422,
        "POST /desk/sign-in/passkey/challenge": 200,
    },
    "desk_messages": {
        "GET /desk/messages": 200,
        "GET /desk/messages/decided": 200,
        # Without the decision that they had before their eyes.
        "POST /desk/messages/<uuid:pledge_id>/approve": 409,
        "POST /desk/messages/<uuid:pledge_id>/hide": 422,
        "POST /desk/messages/<uuid:pledge_id>/undo": 409,
    },
    "desk_held": {
        "GET /desk/money/held": 200,
        "POST /desk/money/held/<uuid:pledge_id>": 422,
    },
    "desk_money": {
        "GET /desk/money": 200,
        "GET /desk/money/payments/<uuid:payment_id>": 200,
        "POST /desk/money": 303,
        "POST /desk/money/payments/<uuid:payment_id>/refund": 422,
        "POST /desk/money/payments/<uuid:payment_id>/undo": 422,
    },
    "desk_offline": {
        "GET /desk/money/offline": 200,
        "GET /desk/money/offline/new": 200,
        "POST /desk/money/offline/new": 422,
    },
    "desk_people": {
        "GET /desk/people": 200,
        "GET /desk/people/<uuid:member_id>": 200,
        "POST /desk/people": 303,
    },
    "desk_people_changes": {
        "GET /desk/people/<uuid:member_id>/details": 200,
        "GET /desk/people/<uuid:member_id>/transfer": 200,
        "POST /desk/people/<uuid:member_id>/details": 422,
        "POST /desk/people/<uuid:member_id>/notes": 422,
        "POST /desk/people/<uuid:member_id>/notes/<int:note_id>/strike": 303,
        "POST /desk/people/<uuid:member_id>/transfer": 422,
    },
    "desk_people_decisions": {
        "GET /desk/people/<uuid:member_id>/same/<uuid:other_id>": 200,
        "POST /desk/people/<uuid:member_id>/accept": 303,
        "POST /desk/people/<uuid:member_id>/decline": 422,
        "POST /desk/people/<uuid:member_id>/same/<uuid:other_id>": 422,
        "POST /desk/people/<uuid:member_id>/two/<uuid:other_id>": 303,
    },
    "desk_people_lists": {
        "GET /desk/people/export": 200,
        "POST /desk/people/export": 422,
    },
    "desk_people_taken": {
        "GET /desk/people/taken": 200,
    },
    "desk_refunds": {
        "GET /desk/money/refunds": 200,
        # The treasurer asked for it, so the admin, who comes first, is the second person.
        "POST /desk/money/refunds/<uuid:wish_id>/confirm": {"admin": 303, "treasurer": 409},
        "POST /desk/money/refunds/<uuid:wish_id>/refuse": 409,
    },
    "desk_step": {
        "GET /desk/sign-in/code": {"code": 200, "enrol": 303},
        "GET /desk/sign-in/set-up": {"code": 303, "enrol": 200},
        "POST /desk/sign-in/code": 422,
        "POST /desk/sign-in/code/passkey": 422,
        "POST /desk/sign-in/set-up": {"code": 303, "enrol": 422},
        "POST /desk/sign-in/set-up/passkey": {"code": 303, "enrol": 422},
    },
    "donate": {
        "GET /donate": 200,
        "GET /donate/<appeal>": 200,
        "GET /donate/cancelled": 200,
        "GET /donate/details": 303,
        "GET /donate/thanks": 404,
        "POST /donate": 422,
        "POST /donate/details": 422,
    },
    "finish": {
        "GET /finish": 410,
        "GET /finish/later": 200,
        "POST /finish": 410,
    },
    "join": {
        "GET /join": 200,
        "GET /join/cancelled": 200,
        "GET /join/confirm": 404,
        "GET /join/look-in-your-mail": 200,
        "GET /join/thanks": 404,
        "POST /join": 422,
        "POST /join/confirm": 404,
    },
    "me": {
        "GET /me": 200,
        "GET /me/confirm-address": 404,
        "GET /me/open": 410,
        "GET /me/sent": 200,
        "POST /me": 422,
        "POST /me/confirm-address": 404,
        "POST /me/open": 410,
    },
    "metrics": {
        "GET /metrics": 200,
    },
    "mine": {
        "GET /me/change/<uuid:agreement_id>": 200,
        "GET /me/consent": 200,
        "GET /me/data": 200,
        "GET /me/details/<uuid:member_id>": 200,
        "GET /me/email-asked": 200,
        "GET /me/email/<uuid:member_id>": 200,
        "GET /me/giving": 200,
        "GET /me/leave/<uuid:member_id>": 200,
        "GET /me/left": 200,
        "GET /me/pause/<uuid:agreement_id>": 200,
        "GET /me/rate/<uuid:member_id>": 200,
        "GET /me/statement/<int:year>": 200,
        "GET /me/stop/<uuid:agreement_id>": 200,
        "POST /me/billing/<uuid:agreement_id>": 303,
        "POST /me/change/<uuid:agreement_id>": 303,
        "POST /me/consent": 303,
        "POST /me/data": 200,
        "POST /me/details/<uuid:member_id>": 303,
        "POST /me/email/<uuid:member_id>": 422,
        "POST /me/leave/<uuid:member_id>": 303,
        "POST /me/pause/<uuid:agreement_id>": 303,
        "POST /me/rate/<uuid:member_id>": 422,
        "POST /me/resume/<uuid:agreement_id>": 303,
        "POST /me/stop/<uuid:agreement_id>": 303,
        "POST /me/sign-out": 303,
    },
    "openapi": {
        "GET /api/v1/openapi.json": 200,
    },
    "pages": {
        "GET /": 200,
        "GET /about": 200,
        "GET /healthz": 200,
        "GET /imprint": 200,
        "GET /privacy": 200,
        "GET /readyz": 200,
        "GET /robots.txt": 200,
        "GET /theme.css": 200,
    },
    "payments_api": {
        "GET /api/v1/appeals": 200,
        "GET /api/v1/appeals/<slug>": 200,
    },
    "privacy": {
        "GET /privacy/request": 200,
        "GET /privacy/request/sent": 200,
        "GET /unsubscribe": 404,
        "POST /privacy/request": 422,
        "POST /unsubscribe": 404,
    },
    "sms": {
        "POST /webhooks/sms/android": 404,
        "POST /webhooks/sms/generic": 401,
        "POST /webhooks/sms/kannel": 404,
        "POST /webhooks/sms/twilio": 404,
    },
    "stripe_webhook": {
        "POST /webhooks/stripe": 400,
    },
    "wall": {
        "GET /donate/<appeal>/messages": 200,
        "GET /donate/<appeal>/messages.atom": 200,
        "GET /donate/<appeal>/messages.json": 200,
    },
}
