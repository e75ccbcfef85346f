"""Fields: what the office enters of one person, read by the rules of the form of joining.

What differs from the form: somebody who came on paper may have no e-mail address, and may have
been a member for years. Every fault is noted, not the first alone.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from core.addresses import EmailAddress, PhoneNumber
from core.money import Money, NotAnAmount
from core.months import month_of_day
from members import ages
from members.entering.cells import Cells, Fault, Reading
from members.entering.models import PAYS_BY
from members.models import CHANNELS, OWN_RATE, STATES

_MOST_YEARS_AHEAD, _LONGEST_POSTCODE = 10, 50
CONSENTS = tuple(f"consent_{channel}" for channel in CHANNELS)
REQUIRED = ("name", "date_of_birth", "address1", "town", "postcode", "rate")
COLUMNS = (
    *("number", "name", "email", "phone", "date_of_birth", "address1", "address2", "town"),
    *("postcode", "rate", "amount", "pays_by", "state", "joined_on", "ended_on", "paid_until"),
    *(*CONSENTS, "consent_on", "consent_wording", "kept_at"),
)
_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")
_JOINED = ("active", "arrears", "lapsed")
_GONE = ("lapsed", "left")


class Ticked(NamedTuple):
    """What somebody answered about one channel, on which day and to which sentence."""

    channel: str
    given: bool
    wording: str
    on: dt.date


class Entrant(NamedTuple):
    """Somebody to be entered, sound in themselves. `pence` is what they pay a month.

    `email` is empty where there is none, and then has no key; `phone` is in E.164.

    `joined_on` is None of who only applies, `ended_on` of who is still there. `paid_up_to` is the
    month up to which they have paid (`core.months`), None where nothing is said of it.
    """

    name: str
    email: str
    email_key: str | None
    phone: str | None
    date_of_birth: dt.date
    address1: str
    address2: str
    town: str
    postcode: str
    rate: str
    pence: int
    state: str
    number: str | None = None
    pays_by: str = "none"
    joined_on: dt.date | None = None
    ended_on: dt.date | None = None
    paid_up_to: int | None = None
    consents: tuple[Ticked, ...] = ()
    kept_at: str = ""


class BadEntrant(ValueError):
    """What was given is nobody who can be entered; `faults` says all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


def read(given: Mapping[str, str], by: Reading) -> Entrant:
    """Read the fields of one person, by the names of `COLUMNS`; those not given are empty.

    Raises:
        BadEntrant: with every fault that was found.
    """
    stripped = {name: (given.get(name) or "").strip() for name in COLUMNS}
    cells = Cells(stripped, by, by.today)
    rate, pence = _dues(cells)
    state, joined_on, ended_on, paid_up_to = _membership(cells)
    born = _born(cells, joined_on)
    email = cells.parsed("email", EmailAddress.parse, "not-an-email")
    phone = cells.parsed("phone", PhoneNumber.parse, "not-a-phone")
    texts = {name: cells.text(name, needed=name in REQUIRED) for name in _TEXTS}
    postcode = _postcode(cells)
    consents = _consents(cells)
    pays_by = cells.one_of("pays_by", PAYS_BY, "none")
    if cells.faults or born is None or postcode is None:
        raise BadEntrant(cells.faults)
    number = texts.pop("number") or None
    return Entrant(
        email=email.text if email else "",
        email_key=email.key if email else None,
        phone=phone.e164 if phone else None,
        date_of_birth=born,
        postcode=postcode,
        rate=rate,
        pence=pence,
        state=state,
        number=number,
        pays_by=pays_by,
        joined_on=joined_on,
        ended_on=ended_on,
        paid_up_to=paid_up_to,
        consents=consents,
        **texts,
    )


_TEXTS = ("name", "address1", "address2", "town", "number", "kept_at")


def _born(cells: Cells, joined_on: dt.date | None) -> dt.date | None:
    born = cells.parsed("date_of_birth", ages.parse_day, "not-a-day", needed=True)
    if born is None:
        return None
    minimum = cells.by.rules.minimum_age
    try:
        ages.check_age(born, today=cells.today, minimum=minimum)
    except ages.TooYoung:
        cells.fault("date_of_birth", "too-young", str(minimum))
    except ages.NotALifetimeAgo:
        cells.fault("date_of_birth", "not-a-lifetime-ago")
    if joined_on is not None and joined_on < born:
        cells.fault("joined_on", "before-birth")
    return born


def _postcode(cells: Cells) -> str | None:
    text = cells.given["postcode"]
    if not text:
        cells.fault("postcode", "missing")
        return None
    found = cells.by.spelled(text) if len(text) <= _LONGEST_POSTCODE else None
    if found is None:
        cells.fault("postcode", "not-a-postcode")
    return found


def _dues(cells: Cells) -> tuple[str, int]:
    """Read the rate: one of the organisation's, or an amount of one's own and no less."""
    rules, slug = cells.by.rules, cells.given["rate"].casefold().replace(" ", "-")
    rate = rules.rate(slug)
    if slug != OWN_RATE:
        if rate is None:
            slugs = (*(each.slug for each in rules.rates), OWN_RATE)
            cells.fault("rate", "not-one-of" if slug else "missing", ", ".join(slugs))
        if cells.given["amount"]:
            cells.fault("amount", "rate-says-it", OWN_RATE)
        return slug, rate.amount.pence if rate else 0
    try:
        amount = Money.parse(cells.given["amount"])
    except NotAnAmount:
        cells.fault("amount", "not-an-amount" if cells.given["amount"] else "missing")
        return slug, 0
    if amount < rules.lowest:
        cells.fault("amount", "below-the-lowest", str(rules.lowest))
    return slug, amount.pence


def _membership(cells: Cells) -> tuple[str, dt.date | None, dt.date | None, int | None]:
    """Read what has become of the membership, and since when."""
    joined_on, ended_on = cells.day("joined_on"), cells.day("ended_on")
    state = cells.one_of("state", STATES, "active" if cells.given["joined_on"] else "applied")
    paid = cells.day("paid_until", ahead=_MOST_YEARS_AHEAD)
    if state in _JOINED and not cells.given["joined_on"]:
        cells.fault("joined_on", "missing")
    if state == "applied" and cells.given["joined_on"]:
        cells.fault("joined_on", "not-joined-yet")
    if state in _GONE and not cells.given["ended_on"]:
        cells.fault("ended_on", "missing")
    if state not in _GONE and cells.given["ended_on"]:
        cells.fault("ended_on", "not-ended")
    if joined_on and ended_on and ended_on < joined_on:
        cells.fault("ended_on", "before-joined")
    paid_up_to = month_of_day(paid) if paid else None
    _check_paid(cells, state, paid_up_to)
    return state, joined_on, ended_on, paid_up_to


def _check_paid(cells: Cells, state: str, paid_up_to: int | None) -> None:
    """Refuse what the rules of standing would contradict at once."""
    if state in ("applied", "left"):
        if cells.given["paid_until"]:
            cells.fault("paid_until", "clock-stands", state)
        return
    if state == "arrears" and not cells.given["paid_until"]:
        cells.fault("paid_until", "missing")
    if paid_up_to is None or state == "active":
        return
    months, behind = cells.by.rules.months, month_of_day(cells.today) - paid_up_to
    least = months.arrears_after if state == "arrears" else months.lapse_after
    if behind <= least:
        cells.fault("paid_until", "too-lately", state)


def _consents(cells: Cells) -> tuple[Ticked, ...]:
    answered = {
        channel: given
        for channel, name in zip(CHANNELS, CONSENTS, strict=True)
        if (given := _yes_or_no(cells, name)) is not None
    }
    on, wording = cells.day("consent_on"), cells.text("consent_wording")
    if not answered:
        for name in ("consent_on", "consent_wording"):
            if cells.given[name]:
                cells.fault(name, "no-consent")
        return ()
    for name in ("consent_on", "consent_wording"):
        if not cells.given[name]:
            cells.fault(name, "consent-needs-it")
    if on is None or not wording:
        return ()
    return tuple(Ticked(channel, given, wording, on) for channel, given in answered.items())


def _yes_or_no(cells: Cells, name: str) -> bool | None:
    value = cells.given[name].casefold()
    if value and value not in (*_YES, *_NO):
        cells.fault(name, "not-one-of", "yes, no")
    return value in _YES if value in (*_YES, *_NO) else None


def remembering(spelled: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Give what remembers the last postcodes: the members of a branch live near one another."""
    return lru_cache(4096)(spelled)
