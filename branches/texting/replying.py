"""The reply: what a person would send, in one part where it can be, never over two.

Each outcome has its forms, the fullest first. The first that fits one part is sent, without the
greeting before anything else is given up; where none fits, the fullest that fits two.
"""

from dataclasses import replace

from branches.texting.answered import Answered, Outcome
from branches.texting.gsm import fold, segments
from branches.texting.understanding import first_name
from branches.texting.wording import FORMS, greeting

__all__ = ["MOST_PARTS", "Answered", "Outcome", "reply"]

MOST_PARTS = 2
"""Parts of a reply, at most."""

_LONGEST_FIELD = 40
_LONGEST_NUMBER = 24


def reply(answer: Answered, *, keep_welsh: bool = False) -> str | None:
    """Give the words to send, or None where nothing is sent.

    The reply is in the 7-bit alphabet and at most `MOST_PARTS` long. With `keep_welsh` the
    accented letters of Welsh stay where that leaves room. Needs Flask-Babel's context.
    """
    if answer.outcome is Outcome.NO_REPLY:
        return None
    for hats in (True, False) if keep_welsh else (False,):
        fitting = _fitting(_forms(answer), keep_welsh=hats)
        if fitting is not None:
            return fitting
    return _fitting(_forms(_shortened(answer)), keep_welsh=False)


def _forms(answer: Answered) -> list[str]:
    forms = FORMS[answer.outcome](answer)
    name = _greeted_as(answer)
    if name is None:
        return forms
    return [greeting(name, forms[0]), *forms]


def _fitting(forms: list[str], *, keep_welsh: bool) -> str | None:
    folded = [fold(form, keep_welsh=keep_welsh) for form in forms]
    for parts in range(1, MOST_PARTS + 1):
        for form in folded:
            if segments(form).parts <= parts:
                return form
    return None


def _greeted_as(answer: Answered) -> str | None:
    """Give the name to greet by, where the 7-bit alphabet can write the whole of it."""
    name = first_name(answer.first_name)
    if name is None or answer.outcome in {Outcome.STOP, Outcome.START, Outcome.HELP}:
        return None
    return name if fold(name).isalpha() and len(fold(name)) >= len(name) else None


def _shortened(answer: Answered) -> Answered:
    """Cut whatever could overfill two parts, and leave out what can be looked up elsewhere."""
    return replace(
        answer,
        first_name=None,
        meets=None,
        second_branch=None,
        privacy_url=None,
        website=None,
        org_name=_cut(answer.org_name),
        branch_name=_cut(answer.branch_name) if answer.branch_name else None,
        contact_name=_cut(answer.contact_name) if answer.contact_name else None,
        contact_phone=fold(answer.contact_phone)[:_LONGEST_NUMBER]
        if answer.contact_phone
        else None,
        national_phone=fold(answer.national_phone)[:_LONGEST_NUMBER],
    )


def _cut(text: str) -> str:
    plain = fold(text)
    if segments(plain).units <= _LONGEST_FIELD:
        return plain
    kept = plain[: _LONGEST_FIELD // 2]
    return kept.rpartition(" ")[0] or kept
