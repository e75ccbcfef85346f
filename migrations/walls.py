"""Behind which wall each table stands in PostgreSQL: the second wall, after `staff.scoping`.

`env.py` makes the database agree with this after every migration, so a new table needs one line
here and nothing in its migration. A test names each table that stands in neither list. A migration
that drops or retypes a column by which a row is placed or found drops the policy `scope` first.
"""

from core.row_security import Placed, Through, Walls, Withheld

_MEMBER = Through("member", "member_id")
_PLEDGE = Through("pledge", "pledge_id")
_PAYMENT = Through("payment", "payment_id")
_TEXT = Through("inbound_text", "inbound_text_id")

WALLS: Walls = {
    # people
    "member": Placed(),
    "consent": _MEMBER,
    "member_note": _MEMBER,
    "member_pledge": _MEMBER,
    "merged_member": Through("member", "kept_id"),
    "entered_member": _MEMBER,
    "member_transfer": _MEMBER,
    "member_word": Placed(),
    "email_change": _MEMBER,
    "membership_event": _MEMBER,
    "likeness": Through("member", "newer_id", "older_id"),
    "follow_up": Placed(),
    "follow_up_step": Through("follow_up", "follow_up_id"),
    "follow_up_note": Through("follow_up_step", "step_id"),
    # texters
    "enquiry": Placed(),
    "inbound_text": Through("enquiry", "id", key="inbound_text_id"),
    "outbox_text": _TEXT,
    # their money: of members the dues, of nobody else anything
    "pledge": Through("member_pledge", "id", key="pledge_id"),
    "checkout": _PLEDGE,
    "declaration": _PLEDGE,
    "message_decision": _PLEDGE,
    "monthly_amount": _PLEDGE,
    "monthly_change": _PLEDGE,
    "monthly_standing": _PLEDGE,
    "payment": _PLEDGE,
    "pledge_word": _PLEDGE,
    "held_settlement": _PLEDGE,
    "quarantine": _PLEDGE,
    "stop_request": _PLEDGE,
    "wall_entry": _PLEDGE,
    "detail_inquiry": _PAYMENT,
    "dispute": _PAYMENT,
    "fraud_warning": _PAYMENT,
    "offline_entry": _PAYMENT,
    "permissibility_check": _PAYMENT,
    "refund": _PAYMENT,
    "refund_request": _PAYMENT,
    "refund_wish": _PAYMENT,
    "check_decision": Through("permissibility_check", "check_id"),
    # sums of a place, for who looks after it
    "monthly_figure": Placed(),
    # of people everywhere: for nobody who looks after a part
    "access_link": Withheld(),
    "appeal_donor": Withheld(),
    "audit_export": Withheld(),
    "bank_decision": Withheld(),
    "bank_line": Withheld(),
    "bank_rule": Withheld(),
    "erasure": Withheld(),
    "link_request": Withheld(),
    "outbox_mail": Withheld(),
    "privacy_request": Withheld(),
    "webhook_event": Withheld(),
}

_PUBLIC = "stands on public pages"
_SUMS = "sums and ids, and nobody's name: totals have to be the same for everybody"
_SIGN_IN = "the sign-in reads it before anybody is known"
_STATE = "how the service stands; of nobody"

OPEN = {
    **dict.fromkeys(("appeal", "branch", "catchment", "region"), _PUBLIC),
    **dict.fromkeys(("appeal_checkpoint", "bank_account", "ledger_day", "ledger_days_kept"), _SUMS),
    **dict.fromkeys(("ledger_entry", "ledger_transaction"), _SUMS),
    **dict.fromkeys(("payout", "payout_inquiry", "payout_line"), _SUMS),
    **dict.fromkeys(
        ("staff_account", "staff_device", "staff_invitation", "staff_recovery_code"), _SIGN_IN
    ),
    **dict.fromkeys(("staff_passkey", "staff_challenge"), _SIGN_IN),
    **dict.fromkeys(("staff_scope", "staff_session", "staff_throttle"), _SIGN_IN),
    **dict.fromkeys(
        ("declined_try", "defence_change", "defence_state", "defence_tally", "directory_state"),
        _STATE,
    ),
    **dict.fromkeys(("sweep", "text_line_state"), _STATE),
    **dict.fromkeys(("figure_count", "retention_run", "worker_beat"), _STATE),
    "audit_entry": "ids and words of our own; whoever does something adds to it and is told its id",
    "branch_confirmation": "when a branch was confirmed last, and by which account",
    "directory_change": "the public directory as it is to be and as it was; no member",
    "people_export": "who took a list out, when and why; nobody who is on it",
    "suppression": "fingerprints of addresses, asked before anything is sent",
    "text_opt_out": "fingerprints of numbers, asked before anything is sent",
}
"""Tables without a wall, and why."""
