"""What the text line answers: from a text to an outcome, an answer and the words of the reply.

Nothing is written here; `branches.texting.receiving` stores.
"""

import datetime as dt
from dataclasses import dataclass

from flask_babel import force_locale
from sqlalchemy.orm import Session

from branches.answers import Answer, Precision, Query, UnknownPostcode
from branches.locator import Locator
from branches.postcodes import Postcode
from branches.presenting import Presenter
from branches.texting.replying import Answered, Outcome, reply
from branches.texting.understanding import Kind, Understood, understand

_LANGUAGE = "en_GB"
_OUTCOMES = {
    Kind.ASK_POSTCODE: Outcome.ASK_POSTCODE,
    Kind.STOP: Outcome.STOP,
    Kind.START: Outcome.START,
    Kind.HELP: Outcome.HELP,
    Kind.NO_REPLY: Outcome.NO_REPLY,
}


@dataclass(frozen=True, slots=True)
class Read:
    """A text, read: what became of it, who sent it as they sign, and what they would be answered.

    `postcode` is what was understood: a postcode, sector or outcode, the first of several; and
    `answer` is that for it, or for its district where no source has it.
    """

    outcome: Outcome
    name: str | None
    postcode: str | None
    reply: str | None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class TextLine:
    """The line as it answers: by whose name, and from which directory."""

    locator: Locator
    presenter: Presenter
    org_name: str
    keep_welsh: bool = False

    def last_words(self) -> str | None:
        """Give the words for somebody whom texting does not help: visit, or ring."""
        answered = Answered(
            outcome=Outcome.ASK_POSTCODE,
            org_name=self.org_name,
            national_phone=self.presenter.office.display,
            website=f"{self.presenter.public_url}/branches",
            last_try=True,
        )
        with force_locale(_LANGUAGE):
            return reply(answered, keep_welsh=self.keep_welsh)

    def learn(self, text: str) -> Understood:
        """Understand a text, and ask the other source for what the index lacks: `read` knows it.

        It may call out, and so comes before the transaction in which the text is read.

        Raises:
            IndexMissing: when no index is built.
        """
        understood = understand(text, self.locator.file.index())
        for place in understood.places:
            self.locator.learn(place)
        return understood

    def read(self, session: Session, text: str | Understood, *, today: dt.date) -> Read:
        """Read a text and say what it would be answered, without storing or sending anything.

        One that is understood already is not gone through again.

        Raises:
            IndexMissing: when no index is built.
        """
        understood = understand(text, self.locator.file.index()) if isinstance(text, str) else text
        if understood.kind is Kind.CHOOSE or not understood.places:
            return self._without_a_place(understood)
        place = understood.places[0]
        try:
            answer = self.locator.locate(session, place, today=today)
        except UnknownPostcode as unknown:
            outcome, found = Outcome.UNKNOWN_POSTCODE, unknown.district
        else:
            outcome, found = _outcome(place, answer), answer
        words = self._words(outcome, understood.name, place, found)
        return Read(outcome, understood.name, str(place), words, found)

    def _without_a_place(self, understood: Understood) -> Read:
        outcome = _OUTCOMES.get(understood.kind, Outcome.CHOOSE)
        places = tuple(map(str, understood.places))
        answered = Answered(
            outcome=outcome,
            org_name=self.org_name,
            national_phone=self.presenter.office.display,
            first_name=understood.name,
            places=places,
            privacy_url=f"{self.presenter.public_url}/privacy",
        )
        with force_locale(_LANGUAGE):
            words = reply(answered, keep_welsh=self.keep_welsh)
        return Read(outcome, understood.name, places[0] if places else None, words)

    def would_say(self, place: Postcode, answer: Answer, name: str | None = None) -> str | None:
        """Give the words for somebody of this name at a postcode whose answer is known."""
        return self._words(Outcome.MATCH, name, place, answer)

    def _words(
        self, outcome: Outcome, name: str | None, place: Query, answer: Answer | None
    ) -> str | None:
        branch = answer.branch if answer else None
        region = answer.region if answer else None
        with force_locale(_LANGUAGE):
            contact = self.presenter.contact(region) if region else None
            return reply(
                Answered(
                    outcome=outcome,
                    org_name=self.org_name,
                    national_phone=self.presenter.office.display,
                    first_name=name,
                    place_text=str(place),
                    branch_name=branch.name if branch else None,
                    second_branch=answer.also.branch.name if answer and answer.also else None,
                    # What a sample entry says of its meetings is there for looks.
                    meets=branch.meets if branch and not branch.sample else None,
                    contact_name=contact["name"] if contact else None,
                    contact_phone=contact["display"] if contact else None,
                    district=str(answer.query) if answer else None,
                    note=answer.note if answer else None,
                ),
                keep_welsh=self.keep_welsh,
            )


def _outcome(place: Query, answer: Answer) -> Outcome:
    if answer.precision is Precision.NONE:
        return Outcome.NOT_COVERED
    return Outcome.MATCH if isinstance(place, Postcode) else Outcome.OUTCODE
