"""Words for what the desk of today shows: shelves, steps, and what to say when all is done."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from members.today.cards import Card

SHELVES = {
    "texted": _l("Texted"),
    "applied": _l("Applicants"),
    "joined": _l("New members"),
    "arrears": _l("In arrears"),
    "moved": _l("Moved in"),
    "quiet": _l("Gone quiet"),
}
HINTS = {
    "texted": _l("They asked for their branch by text, and hope that somebody rings."),
    "applied": _l("They filled in the form. Some wait for our yes, some got stuck when paying."),
    "joined": _l("They have joined and expect a call. Who has waited longest comes first."),
    "arrears": _l("A call does what letters do not. Most have a reason, and would like to stay."),
    "moved": _l("They know nobody here yet."),
    "quiet": _l("Nobody has reached them, or nobody has heard from them since."),
}
EMPTY = {
    "texted": _l("Everybody who texted has had a call. That is how a branch grows."),
    "applied": _l("Whoever filled in the form has been answered, and nobody got stuck."),
    "joined": _l("Every new member has been rung. They will remember it."),
    "arrears": _l("Nobody waits for a call about dues."),
    "moved": _l("Nobody new has moved here lately, or all of them have been welcomed."),
    "quiet": _l("Nobody has gone quiet. You kept in touch."),
}
STEPS = {
    "called": _l("Called"),
    "will-come": _l("Will come"),
    "left-word": _l("Left word"),
    "not-now": _l("Not now"),
    "wrong-number": _l("Wrong number"),
    "wrote": _l("Wrote"),
}
DONE = {**STEPS, "undo": _l("Taken back")}
AFTER = {
    "called": _l("Talked to them"),
    "will-come": _l("The card comes back the day after, for a thank-you"),
    "left-word": _l("Again in two days"),
    "not-now": _l("Again in thirty days"),
    "wrong-number": _l("No more calls to it"),
    "wrote": _l("By e-mail or letter"),
}


def why(card: Card) -> str:
    """Say why a card is on the desk, or what came of it last."""
    if card.last_step is None:
        return ""
    said = {
        "called": _("They were called."),
        "wrote": _("They were written to."),
        "left-word": _("Word was left, and they have not rung back that we know of."),
        "not-now": _("“Not now”, they said, and that is a while ago."),
        "will-come": _("They said they would come. Thank them, or ask what kept them."),
        "wrong-number": _("The number is not theirs. Find another way to reach them."),
    }
    return str(said[card.last_step])


def for_pages() -> dict[str, Any]:
    """Return what every page of this desk says things with."""
    return {
        "shelf_words": SHELVES,
        "hints": HINTS,
        "empty_words": EMPTY,
        "step_words": STEPS,
        "done_words": DONE,
        "after_words": AFTER,
        "why_of": why,
    }
