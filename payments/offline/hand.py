"""By hand: gifts that somebody enters, one or a file of them, all of them or none."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.addresses import EmailAddress, NotAnEmailAddress
from payments import appeals, explaining, settling
from payments.models import Appeal, Payment, Pledge
from payments.offline import booking
from payments.offline.booking import Gift
from payments.offline.entering import Draft, Fault
from payments.offline.givers import Identified, identify

_OURS = re.compile(r"[0-9A-Fa-f]{8}|[0-9A-Fa-f-]{32,36}")


class NoDues(LookupError):
    """No dues, or no single ones, are meant; `why` says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotEntered(ValueError):
    """Nothing was entered; `faults` says of which draft (counted from 0) what is wrong."""

    def __init__(self, faults: list[tuple[int, Fault]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Entered:
    """A payment that was entered, and whose it is."""

    payment: Payment
    giver: Identified


def enter(
    session: Session,
    drafts: Sequence[Draft],
    *,
    again: bool,
    rules: settling.Rules,
    now: dt.datetime,
    known_alike: int = 0,
) -> list[Entered]:
    """Enter gifts, all of them or none; `again` says that likeness to earlier ones is meant.

    `known_alike` is with how many like ones somebody has said that: a form sent twice does not
    know of the one that it made itself.

    Like gifts of one file are different gifts: a collection may hold three notes of £5.

    Raises:
        NotEntered: with every fault; the caller's transaction is to be given up.
        LooksLike: somebody else enters the same at this very moment.
    """
    faults: list[tuple[int, Fault]] = []
    found: list[tuple[int, Gift, Identified]] = []
    for number, draft in enumerate(drafts):
        try:
            gift, giver = _gift(session, draft)
        except (appeals.NoSuchAppeal, NoDues) as error:
            why = error.why if isinstance(error, NoDues) else "no-such-appeal"
            faults.append((number, Fault("dues" if draft.dues else "appeal", why)))
            continue
        found.append((number, gift, giver))
    gifts = [gift for _number, gift, _giver in found]
    keys = booking.keys(session, gifts)  # before it is looked for what is like them
    seen: Counter[str] = Counter()
    for number, gift, _giver in [] if again else found:
        known = booking.standing(session, gift.fingerprint)
        place = seen[gift.fingerprint] + known_alike
        if place < len(known):
            faults.append((number, Fault("", "looks-like", str(known[place]), len(known))))
        seen[gift.fingerprint] += 1
    if faults:
        raise NotEntered(sorted(faults, key=itemgetter(0)))
    booked = booking.book_each(session, gifts, rules=rules, now=now, known_as=keys)
    givers = [giver for _number, _gift, giver in found]
    return [Entered(*each) for each in zip(booked, givers, strict=True)]


def purpose(session: Session, *, appeal: str | None, dues: str | None) -> Appeal | Pledge:
    """Return what a gift is for: the appeal of this slug, or the dues that these words mean.

    Raises:
        NoSuchAppeal, NoDues: when that is nothing.
    """
    return dues_of(session, dues) if dues else appeals.find(session, appeal or "")


def dues_of(session: Session, words: str) -> Pledge:
    """Return the one pledge of dues that is meant by its id, its reference or an e-mail address.

    Raises:
        NoDues: none is meant, or it has ended, or the address has several.
    """
    found = _by_address(session, words) if "@" in words else _by_id(session, words)
    running = [each for each in found if each.stopped_at is None]
    paid = [each for each in running if each.state == "paid"]
    if found and not running:
        raise NoDues("dues-ended")
    chosen = paid if len(paid) == 1 else running
    if len(chosen) != 1:
        raise NoDues("several-dues" if chosen else "no-such-dues")
    if chosen[0].held_because is not None:
        raise NoDues("dues-held")
    return chosen[0]


def _by_address(session: Session, words: str) -> list[Pledge]:
    try:
        key = EmailAddress.parse(words).key
    except NotAnEmailAddress:
        return []
    return list(
        session.scalars(select(Pledge).where(Pledge.kind == "dues", Pledge.email_key == key))
    )


def _by_id(session: Session, words: str) -> list[Pledge]:
    if not _OURS.fullmatch(words):
        return []
    try:
        found = explaining.pledge(session, words)
    except explaining.NoSuchPayment:
        return []
    return [found] if found.kind == "dues" else []


def _gift(session: Session, draft: Draft) -> tuple[Gift, Identified]:
    """Find out what a draft is for and whose it is. Dues are whoever's the dues are."""
    meant = purpose(session, appeal=draft.appeal, dues=draft.dues)
    if isinstance(meant, Pledge):
        giver = Identified(meant.email_key, "dues")
        whose: object = meant.id
    else:
        giver, whose = identify(session, draft.giver), draft.giver.identity
    print_ = booking.fingerprint(
        draft.method,
        draft.amount.pence,
        draft.received_on,
        meant.id,
        whose,
        " ".join(draft.reference.casefold().split()),
    )
    gift = Gift(
        draft.method,
        draft.amount.pence,
        draft.received_on,
        meant,
        draft.giver,
        giver.key,
        print_,
        draft.reference,
        draft.message,
        draft.display,
        draft.receipt,
    )
    return gift, giver
