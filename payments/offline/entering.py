"""Entering: what somebody types of a gift, read whole, with every fault at once."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.addresses import EmailAddress, NotAnEmailAddress
from core.money import Money, NotAnAmount
from payments.models.money import OFFLINE_METHODS
from payments.offline.givers import Giver

FIELDS = (
    "method",
    "amount",
    "received",
    "appeal",
    "dues",
    "name",
    "email",
    "postcode",
    "reference",
    "message",
    "display",
    "receipt",
)
FIRST_DAY = dt.date(2000, 1, 1)
"""No gift was received before this: an earlier day is a slip of the pen."""
DISPLAYS = ("full", "first", "anonymous")
_MOST = {"name": 100, "reference": 200, "message": 1000}
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_BRITISH = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_YES, _NO = frozenset(("yes", "y", "true", "1")), frozenset(("", "no", "n", "false", "0"))
Spelled = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field: `why` names the words for it, `detail` fills them.

    `count` is how many gifts an entry looks like, where that is what is wrong.
    """

    field: str
    why: str
    detail: str = ""
    count: int = 0


class BadEntry(ValueError):
    """What was typed cannot be entered; `faults` says all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Draft:
    """A gift as it was typed, sound in itself: either for an appeal or for somebody's dues."""

    method: str
    amount: Money
    received_on: dt.date
    appeal: str | None
    dues: str | None
    giver: Giver
    reference: str = ""
    message: str = ""
    display: str = "anonymous"
    receipt: bool = False


def read(fields: Mapping[str, str | None], *, today: dt.date, spelled: Spelled) -> Draft:
    """Read the fields of one gift. `spelled` gives a postcode its one spelling, or None.

    Raises:
        BadEntry: with every fault that was found.
    """
    faults: list[Fault] = []
    given = {name: (fields.get(name) or "").strip() for name in FIELDS}
    check_texts(given, faults)
    _check_purpose(given, faults)
    method = _one_of(given, "method", OFFLINE_METHODS, faults)
    display = _one_of({"display": given["display"] or "anonymous"}, "display", DISPLAYS, faults)
    amount = read_amount(given["amount"], faults)
    received_on = read_day(given["received"], faults, today=today)
    giver = read_giver(given, faults, spelled)
    receipt = given["receipt"].casefold() in _YES
    if not receipt and given["receipt"].casefold() not in _NO:
        faults.append(Fault("receipt", "yes-or-no"))
    if receipt and giver.email is None and not given["dues"] and not given["email"]:
        faults.append(Fault("receipt", "needs-email"))
    if faults or amount is None or received_on is None:
        raise BadEntry(faults)
    return Draft(
        method,
        amount,
        received_on,
        given["appeal"] or None,
        given["dues"] or None,
        giver,
        given["reference"],
        given["message"],
        display,
        receipt,
    )


def read_amount(text: str, faults: list[Fault]) -> Money | None:
    """Read an amount above nothing; note what is wrong with it."""
    try:
        amount = Money.parse(text)
    except NotAnAmount as error:
        faults.append(Fault("amount", f"amount-{error.why}"))
        return None
    if not amount.pence:
        faults.append(Fault("amount", "amount-nothing"))
        return None
    return amount


def read_day(text: str, faults: list[Fault], *, today: dt.date) -> dt.date | None:
    """Read a day, as 2026-11-20 or 20/11/2026, that has come and is not long gone."""
    found = _ISO.fullmatch(text) or _BRITISH.fullmatch(text)
    parts = [int(part) for part in found.groups()] if found else []
    year_first = parts if found and found.re is _ISO else parts[::-1]
    try:
        day = dt.date(*year_first)
    except (TypeError, ValueError):
        faults.append(Fault("received", "not-a-day" if text else "missing"))
        return None
    if day > today:
        faults.append(Fault("received", "in-the-future"))
    elif day < FIRST_DAY:
        faults.append(Fault("received", "too-long-ago", FIRST_DAY.isoformat()))
    return day


def unshowable(text: str) -> bool:
    """Say whether a text holds what cannot be shown or stored: controls, halves of characters."""
    return not text.isprintable() and any(
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text
    )


def check_texts(given: Mapping[str, str], faults: list[Fault]) -> None:
    """Note texts that are too long or cannot be kept."""
    for name, text in given.items():
        lines = text.replace("\n", " ").replace("\t", " ") if name == "message" else text
        if unshowable(lines):
            faults.append(Fault(name, "unshowable"))
        elif len(text) > _MOST.get(name, 400):
            faults.append(Fault(name, "too-long", str(_MOST.get(name, 400))))


def _check_purpose(given: Mapping[str, str], faults: list[Fault]) -> None:
    if bool(given["appeal"]) == bool(given["dues"]):
        faults.append(Fault("appeal", "both" if given["appeal"] else "neither"))
    if given["dues"] and given["message"]:
        faults.append(Fault("message", "dues-have-none"))


def _one_of(
    given: Mapping[str, str], name: str, values: tuple[str, ...], faults: list[Fault]
) -> str:
    value = given[name].casefold().replace(" ", "-")
    if value not in values:
        why = "not-one-of" if given[name] else "missing"
        faults.append(Fault(name, why, ", ".join(values)))
    return value


def read_giver(given: Mapping[str, str], faults: list[Fault], spelled: Spelled) -> Giver:
    """Read who gave, as far as it was said; note what is wrong with it."""
    email, postcode = None, None
    if given["email"]:
        try:
            email = EmailAddress.parse(given["email"])
        except NotAnEmailAddress:
            faults.append(Fault("email", "not-an-email"))
    if given["postcode"] and not unshowable(given["postcode"]):
        postcode = spelled(given["postcode"])
        if postcode is None:
            faults.append(Fault("postcode", "not-a-postcode"))
    return Giver(given["name"], email, postcode)
