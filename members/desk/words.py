"""Words for what the desk of people shows: states, events, who did it, what was looked at."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from members import searching
from members.desk.filters import NOWHERE, Filters
from members.desk.listing import Choices
from members.desk.person import number_of
from members.models import MembershipEvent
from members.searching import Reading
from staff.models import AuditEntry

STATES = {
    "applied": _l("Applied"),
    "active": _l("Member"),
    "arrears": _l("In arrears"),
    "lapsed": _l("Lapsed"),
    "left": _l("Left"),
}
SHOWN = {
    "members": _l("Members"),
    "applied": _l("Applied"),
    "active": _l("Paid up"),
    "arrears": _l("In arrears"),
    "lapsed": _l("Lapsed"),
    "left": _l("Left"),
    "everybody": _l("Everybody"),
}
SINCE = {"": _l("At any time"), "week": _l("Last 7 days"), "month": _l("Last 30 days")}
SORTS = {"name": _l("By name"), "newest": _l("Newest first"), "oldest": _l("Oldest first")}
CHANNELS = {
    "phone": _l("Calls"),
    "text": _l("Texts"),
    "email": _l("E-mail"),
    "post": _l("Letters"),
}
METHODS = {
    "card": _l("card"),
    "bacs_debit": _l("Direct Debit"),
    "cash": _l("cash"),
    "cheque": _l("cheque"),
    "standing-order": _l("standing order"),
    "bank": _l("bank transfer"),
}
DUES = {
    "paid": _l("paid"),
    "part-refunded": _l("part refunded"),
    "refunded": _l("refunded"),
    "disputed": _l("disputed at the bank"),
    "lost": _l("taken back by the bank"),
}
FIELDS = {
    "name": _l("Full name"),
    "email": _l("E-mail address"),
    "phone": _l("Telephone number"),
    "address1": _l("Address"),
    "address2": _l("Second line of the address"),
    "town": _l("Town or city"),
    "postcode": _l("Postcode"),
}
DONE_WORDS = {
    "noted": _l("The note is kept."),
    "struck": _l("The note is struck out."),
    "changed": _l("The details are kept."),
    "moved": _l("Handed on."),
    "accepted": _l("Accepted; the welcome letter is on its way."),
    "declined": _l("Not accepted. Their dues are stopped, and the treasurer is told."),
    "decided": _l("Nobody waits here any more: it was decided meanwhile, as you see below."),
    "unpaid": _l("Every due of theirs went back, so there is nothing to be a member by."),
    "merged": _l("They are one record now, and this is it."),
    "two": _l("It is kept that they are two people."),
}
"""What was just done, by the word for it in the page's address."""
_KINDS = {
    "moved": _l("Moved"),
    "rate": _l("Other dues"),
    "rejoined": _l("Joined again"),
    "waiting": _l("Waits to be accepted"),
    "declined": _l("Not accepted"),
    "merged": _l("Another record of theirs became one with this"),
}
_WHO = {
    "office": _l("the office"),
    "applicant": _l("themselves"),
    "member": _l("themselves"),
    "gateway": _l("payments"),
    "clock": _l("the calendar"),
}


def narrowed(filters: Filters, choices: Choices) -> list[tuple[str, dict[str, str]]]:
    """Say by what a list is narrowed down, and what its address says without each of these.

    A list shows its state itself; a search, which begins with everybody, does not.
    """
    names = {each.slug: each.name for each in (*choices.regions, *choices.branches)}
    branch = names.get(filters.branch, filters.branch)
    shown = filters.query()
    said = [
        (SHOWN[filters.state] if filters.searches and "state" in shown else "", ("state",)),
        (names.get(filters.region, filters.region), ("region", "branch")),
        (_("No branch") if filters.branch == NOWHERE else branch, ("branch",)),
        (SINCE[filters.since] if filters.since else "", ("since",)),
        (_("Moved in lately") if filters.moved else "", ("moved",)),
        (_("Agreed to no news") if filters.silent else "", ("silent",)),
    ]
    return [
        (str(words), {key: value for key, value in shown.items() if key not in gone})
        for words, gone in said
        if words
    ]


def hints(readings: Sequence[Reading]) -> list[str]:
    """Say as what something was looked for that found nobody, and what else to try."""
    said = {
        searching.NAME: _(
            "Try the beginning of one of their names. Capitals, accents and apostrophes do not"
            " matter; the spelling does."
        ),
        searching.EMAIL: _(
            "It was looked for as an e-mail address. Try what stands before the @, with the @."
        ),
        searching.PHONE: _(
            "It was looked for as a telephone number. Try its last four digits: they may have"
            " given another."
        ),
        searching.POSTCODE: _(
            "It was looked for as a postcode. Try its first half alone, such as E11. Streets and"
            " towns are not searched."
        ),
        searching.NUMBER: _("It was looked for as a member's number, such as 3F2A-91BC."),
    }
    return [
        str(said[each]) for each in dict.fromkeys(each.kind for each in readings) if each in said
    ]


def title(event: MembershipEvent) -> str:
    """Say what an event was."""
    return str(_KINDS.get(event.kind, STATES[event.to_state]))


def who(event: MembershipEvent, staff: Mapping[str, str]) -> str:
    """Say who made an event."""
    kind, _colon, account = event.who.partition(":")
    if kind == "staff":
        return staff.get(account) or str(_("somebody at the desk"))
    return str(_WHO.get(event.who, event.who))


def why(event: MembershipEvent, *, whole: bool) -> str:
    """Say why an event was. A reason in an organiser's own words is a note by another name.

    `whole` says whether who looks reads notes.
    """
    in_their_words = event.kind in ("declined", "merged") or event.who == "office"
    return event.why if whole or not in_their_words else ""


def done(entry: AuditEntry) -> str:
    """Say what somebody at the desk did with a member's record."""
    what, _colon, detail = entry.detail.partition(":")
    if entry.kind != "change":
        return str(_("looked"))
    if what == "details":
        names = {**FIELDS, "address": _("Address")}
        listed = ", ".join(str(names.get(each, each)) for each in detail.split("_"))
        return str(_("changed: %(what)s", what=listed))
    if entry.detail == "today:claim":
        return str(_("said that they are on it"))
    known = {
        "today": _("noted what came of a call"),
        "note": _("wrote a note"),
        "hand-over": _("wrote a hand-over"),
        "note-struck": _("struck a note out"),
        "moved": _("handed on"),
        "accepted": _("accepted"),
        "declined": _("did not accept"),
        "merged": _("made one of two records"),
        "two-people": _("said that two records are two people's"),
    }
    return str(known.get(what, what))


def for_pages() -> dict[str, Any]:
    """Return what every page of this desk says things with."""
    return {
        "states": STATES,
        "shown": SHOWN,
        "channels": CHANNELS,
        "methods": METHODS,
        "dues_words": DUES,
        "field_words": FIELDS,
        "title_of": title,
        "who_of": who,
        "why_of": why,
        "done_of": done,
        "done_words": DONE_WORDS,
        "number_of": number_of,
        "fresh": uuid.uuid4,
    }
