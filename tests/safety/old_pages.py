"""Old pages: whose buttons are pressed after something has happened, and what is said then."""

import datetime as dt
from dataclasses import replace

from branches.models import Branch, BranchStatus
from tests.safety.meanwhile import (
    Case,
    applied,
    both,
    by_another,
    change,
    erased,
    forgotten,
    revoked,
)
from tests.safety.presses import BRANCHES, PEOPLE, TREASURER, WHY, stopped
from tests.safety.presses_of_the_office import ADMINS, MESSAGES, MONEY

ROWAN = "Rowanwords"
OTHERS = "Hazelwords of another"
_MERGED = both(stopped, by_another(PEOPLE["same"]))
_MERGED_BACK = both(stopped, by_another(PEOPLE["same"], keep="{member_id}"))
_MOVED_AWAY = by_another(PEOPLE["transfer"])
_CLOSED = change(
    Branch,
    lambda _desk: Branch.slug == "cardiff",
    status=BranchStatus.CLOSED,
    closed=dt.date(2026, 11, 20),
)
_ONE = "They are one with another record now"
_NOBODY = "Nobody is here"
_SIGNED_OUT = "You are signed out"
_TOLD = "Somebody else has changed"
_HAND_ON = PEOPLE["transfer"]
_NEAR = replace(_HAND_ON, typed={**_HAND_ON.typed, "to": "region:london"})
CASES = (
    # Two records became one; the record that stays is led to.
    Case(PEOPLE["note"], _MERGED, 409, _ONE, (ROWAN,)),
    Case(PEOPLE["strike"], _MERGED, 409, _ONE),
    Case(PEOPLE["details"], _MERGED, 409, _ONE, ("Rowantown",)),
    Case(_HAND_ON, _MERGED, 409, _ONE, (ROWAN,)),
    # A card is about whoever they are by now, so a call counts.
    Case(PEOPLE["called"], _MERGED, 200, "Perpetua Two:", acts=True),
    Case(PEOPLE["claim"], _MERGED, 200, "You are on it", acts=True),
    Case(PEOPLE["accept"], _MERGED_BACK, 409, _ONE),
    Case(PEOPLE["decline"], _MERGED_BACK, 409, _ONE, (WHY,)),
    Case(PEOPLE["same"], _MERGED_BACK, 200, "They are one record now"),
    Case(PEOPLE["two"], _MERGED, 200, "They are one record now"),
    # They are erased: nothing of them is told.
    Case(PEOPLE["note"], erased, 404, _NOBODY, (ROWAN,)),
    Case(PEOPLE["strike"], erased, 404, _NOBODY),
    Case(PEOPLE["details"], erased, 404, _NOBODY, ("Rowantown",)),
    Case(_HAND_ON, erased, 404, _NOBODY, (ROWAN,)),
    Case(PEOPLE["called"], erased, 404, _NOBODY, (ROWAN,)),
    Case(PEOPLE["same"], erased, 404, _NOBODY, (WHY,)),
    Case(PEOPLE["two"], erased, 404, _NOBODY),
    Case(PEOPLE["texted"], forgotten, 404, _NOBODY, (ROWAN,)),
    Case(MESSAGES["approve"], erased, 409, "it was erased meanwhile"),
    Case(MESSAGES["hide"], erased, 409, "it was erased meanwhile", (WHY,)),
    # They were handed on to where who presses looks after nobody, or to another branch.
    Case(PEOPLE["note"], _MOVED_AWAY, 404, _NOBODY, (ROWAN,)),
    Case(PEOPLE["details"], _MOVED_AWAY, 404, _NOBODY, ("Rowantown",)),
    Case(_HAND_ON, _MOVED_AWAY, 404, _NOBODY, (ROWAN,)),
    Case(PEOPLE["called"], _MOVED_AWAY, 404, _NOBODY, (ROWAN,)),
    Case(PEOPLE["same"], _MOVED_AWAY, 404, _NOBODY, (WHY,)),
    Case(_HAND_ON, by_another(_NEAR), 409, "handed them on since", (ROWAN,)),
    Case(_NEAR, by_another(_NEAR), 409, "handed them on since", (ROWAN,)),
    Case(_HAND_ON, _CLOSED, 422, "Choose a branch or a region", (ROWAN,)),
    # Somebody else was first.
    Case(
        PEOPLE["details"],
        by_another(PEOPLE["details"], town="Hazeltown"),
        409,
        _TOLD,
        ("Rowantown", "Hazeltown"),
    ),
    Case(PEOPLE["accept"], by_another(PEOPLE["decline"]), 200, "it was decided meanwhile"),
    Case(PEOPLE["decline"], by_another(PEOPLE["accept"]), 409, "it was decided meanwhile", (WHY,)),
    Case(
        PEOPLE["decline"],
        by_another(PEOPLE["decline"], why=OTHERS),
        409,
        "it was decided meanwhile",
        (WHY, OTHERS),
    ),
    Case(
        PEOPLE["called"],
        by_another(PEOPLE["called"], step="left-word", note=OTHERS),
        409,
        "Somebody has noted something",
        (ROWAN, OTHERS),
    ),
    Case(PEOPLE["claim"], by_another(PEOPLE["claim"]), 409, "that they are on it"),
    Case(
        PEOPLE["texted"],
        by_another(PEOPLE["texted"], step="called", note=OTHERS),
        409,
        "Somebody has noted something",
        (ROWAN, OTHERS),
    ),
    Case(BRANCHES["confirm"], by_another(BRANCHES["tell"]), 409, "Rowan Hall"),
    Case(
        BRANCHES["tell"],
        by_another(BRANCHES["tell"], place="Hazel Hall"),
        409,
        _TOLD,
        ("Rowan Hall", "Hazel Hall"),
    ),
    Case(
        BRANCHES["tell"],
        applied(BRANCHES["branch"], region="wales"),
        404,
        "no such branch here",
        ("Rowan Hall",),
    ),
    Case(
        BRANCHES["branch"],
        applied(BRANCHES["branch"], name="Hazel Forest"),
        409,
        _TOLD,
        ("Rowan Forest", "Hazel Forest"),
    ),
    Case(
        BRANCHES["region"],
        applied(BRANCHES["region"], name="Hazelshire"),
        409,
        _TOLD,
        ("Rowanshire", "Hazelshire"),
    ),
    Case(BRANCHES["apply"], applied(BRANCHES["region"]), 409, "was changed since"),
    Case(
        ADMINS["extend"],
        by_another(ADMINS["done"], outcome=OTHERS),
        409,
        "can be extended no more",
        (WHY, OTHERS),
    ),
    Case(
        ADMINS["done"],
        by_another(ADMINS["done"], outcome=OTHERS),
        409,
        "noted an outcome",
        (ROWAN, OTHERS),
    ),
    Case(
        ADMINS["appoint"],
        by_another(ADMINS["appoint"], role="moderator", regions=[]),
        409,
        "has changed this account",
        ("Moderator",),
    ),
    Case(ADMINS["invite anew"], by_another(ADMINS["revoke"]), 409, "has changed this account"),
    Case(ADMINS["revoke"], by_another(ADMINS["appoint"]), 409, "has changed this account"),
    # Money.
    Case(
        MONEY["refund"],
        by_another(MONEY["refund"], amount="600"),
        422,
        "waits already",
        (WHY,),
    ),
    Case(MONEY["agree"], by_another(MONEY["refuse"], TREASURER), 409, "refused or taken back"),
    Case(MONEY["refuse"], by_another(MONEY["refuse"], TREASURER), 409, "refused or taken back"),
    Case(MONEY["undo an entry"], by_another(MONEY["undo an entry"]), 409, "undone before", (WHY,)),
    Case(MONEY["enter"], by_another(MONEY["enter"]), 422, "another one"),
    Case(
        MONEY["match"],
        by_another(MONEY["match"], name="Hazel Brown"),
        409,
        "admin@example.org has booked it",
        ("Ann Jones",),
    ),
    Case(MONEY["match"], by_another(MONEY["not ours"]), 409, "has put it aside", ("Ann Jones",)),
    Case(MONEY["not ours"], by_another(MONEY["match"]), 409, "has booked it", (WHY,)),
    Case(
        MONEY["not ours"],
        by_another(MONEY["not ours"], why=OTHERS),
        409,
        "has put it aside",
        (WHY,),
    ),
    Case(
        MONEY["undo a match"],
        both(by_another(MONEY["undo a match"]), by_another(MONEY["match"], name="Hazel Brown")),
        409,
        "decided on anew",
        (WHY,),
    ),
    Case(
        MONEY["check"],
        by_another(MONEY["check"], decision="return", why=OTHERS),
        409,
        "admin@example.org has decided otherwise",
        (WHY, OTHERS),
    ),
    # Messages.
    Case(
        MESSAGES["approve"], by_another(MESSAGES["hide"], why=OTHERS), 409, "has hidden", (OTHERS,)
    ),
    Case(MESSAGES["hide"], by_another(MESSAGES["approve"]), 409, "has approved", (WHY,)),
    Case(MESSAGES["undo"], by_another(MESSAGES["undo"]), 409, "taken the decision"),
    # Whoever presses may not any more.
    Case(PEOPLE["note"], revoked("organiser-of-a@example.org"), 403, _SIGNED_OUT, (ROWAN,)),
    Case(
        PEOPLE["details"], revoked("organiser-of-a@example.org"), 403, _SIGNED_OUT, ("Rowantown",)
    ),
    Case(PEOPLE["called"], revoked("organiser-of-a@example.org"), 403, _SIGNED_OUT, (ROWAN,)),
    Case(PEOPLE["accept"], revoked("organiser-of-a@example.org"), 200, "Sign in"),
    Case(MONEY["refund"], revoked("treasurer@example.org"), 403, _SIGNED_OUT, (WHY,)),
    Case(MESSAGES["hide"], revoked("moderator@example.org"), 403, _SIGNED_OUT, (WHY,)),
)
