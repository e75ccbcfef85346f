"""Suggesting: what a line that waits may be, and why it was not booked by itself.

A suggestion is for a person to take or leave; none of them books anything.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from payments.models import Appeal, BankLine, BankRule
from payments.offline import learned, sorting
from payments.offline.learned import ByHand, Learned
from payments.offline.statements import fold

_LIKE = 0.8
_MOST = 3
_MOST_BY_HAND = 500
"""Of what was entered by hand about then: more than a page of lines can tell of."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that a line may be. `kind` names the sentence, `values` fill it."""

    kind: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line that waits, with what it may be, likeliest first."""

    line: BankLine
    suggestions: list[Suggestion]


def waiting(
    session: Session, *, account: str | None, most: int, after: int | None = None
) -> list[Waiting]:
    """Return the lines that wait for a person, oldest first, with what they may be.

    `after` is the line at which the list before this one ended.
    """
    wanted = select(BankLine).where(BankLine.state == "waiting")
    last = session.get(BankLine, after) if after is not None else None
    if last is not None:
        wanted = wanted.where(
            tuple_(BankLine.on_day, BankLine.id) > tuple_(literal(last.on_day), literal(last.id))
        )
    if account is not None:
        wanted = wanted.where(BankLine.account == account)
    ordered = wanted.order_by(BankLine.on_day, BankLine.id).limit(most)
    lines = list(session.scalars(ordered))
    if not lines:
        return []
    hints = _Hints(session, lines)
    return [Waiting(line, list(hints.of(line))) for line in lines]


def of_line(session: Session, line: BankLine) -> list[Suggestion]:
    """Return what one line may be, likeliest first."""
    return list(_Hints(session, [line]).of(line))


class _Hints:
    """What the books know that may tell what a line is; read once for all lines of a list."""

    def __init__(self, session: Session, lines: Sequence[BankLine]) -> None:
        self._learned: Learned = learned.rules_near(session, [line.folded for line in lines])
        self._texts = list(self._learned.by_text)
        self._appeals = list(session.execute(select(Appeal.slug, Appeal.title)))
        days = [line.on_day for line in lines]
        first, last = min(days) - sorting.ENTERED_WITHIN, max(days) + sorting.ENTERED_WITHIN
        self._by_hand: dict[int, list[ByHand]] = defaultdict(list)
        pence = {line.pence for line in lines}
        found = learned.entered_by_hand(session, first, last, pence=pence, most=_MOST_BY_HAND)
        for each in found:
            self._by_hand[each.pence].append(each)
        out = [line for line in lines if line.pence < 0]
        self._credits: dict[int, list[BankLine]] = defaultdict(list)
        for credit in sorting.credits_before(session, out):
            self._credits[credit.pence].append(credit)

    def of(self, line: BankLine) -> Iterator[Suggestion]:
        """Give what a line may be."""
        if line.doubt:
            yield Suggestion("doubt")
        if sorting.speaks_of_stripe(line):
            yield Suggestion("stripe")
        elif line.pence < 0:
            yield from self._returns(line)
        else:
            yield from self._entered(line)
            yield from list(self._rules(line)) or self._purposes(line)

    def _returns(self, line: BankLine) -> Iterator[Suggestion]:
        """What went out may be what came in before."""
        back = [each for each in self._credits[-line.pence] if sorting.may_be_returned(line, each)]
        for credit in back[:_MOST]:
            kind = "returns" if credit.payment_id else "returns-waiting"
            yield Suggestion(kind, {"line": str(credit.id), "payment": str(credit.payment_id)})

    def _entered(self, line: BankLine) -> Iterator[Suggestion]:
        """Somebody may have entered it by hand."""
        near = [
            each
            for each in self._by_hand[line.pence]
            if abs(each.received_on - line.on_day) <= sorting.ENTERED_WITHIN
        ]
        for each in near[:_MOST]:
            values = {"payment": each.payment_id, "method": each.method, "title": each.title}
            yield Suggestion("entered", {**values, "day": each.received_on.isoformat()})

    def _rules(self, line: BankLine) -> Iterator[Suggestion]:
        """It may be like a line that was decided on before, though not to the letter."""
        exact = self._learned.exact.get((line.folded, line.pence))
        same = self._learned.by_text.get(line.folded)
        if exact is not None:
            kind = "as-before" if sorting.is_open(exact, line) else "has-ended"
            yield Suggestion(kind, _values(exact))
        elif same is not None:
            yield Suggestion("other-amount", _values(same))
        else:
            for text in self._near(line.folded):
                yield Suggestion("like", {**_values(self._learned.by_text[text]), "text": text})

    def _near(self, folded: str) -> list[str]:
        """Return the texts learned that differ from this by a slip or two, likest first."""
        found = []
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(folded)
        for text in self._texts:
            matcher.set_seq1(text)
            if matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE:
                ratio = matcher.ratio()
                if ratio >= _LIKE:
                    found.append((-ratio, text))
        return [text for _ratio, text in sorted(found)[:_MOST]]

    def _purposes(self, line: BankLine) -> Iterator[Suggestion]:
        """It may name an appeal."""
        said = f" {line.folded.replace('-', ' ')} "
        for slug, title in self._appeals:
            names = {fold(title).replace("-", " "), slug.replace("-", " ")}
            if any(f" {name} " in said for name in names):
                yield Suggestion("appeal", {"slug": slug})


def _values(rule: BankRule) -> dict[str, str]:
    pledge = rule.payment.pledge
    return {
        "payment": str(rule.payment_id),
        "title": pledge.title,
        "name": pledge.name,
        "amount": str(rule.pence),
    }
