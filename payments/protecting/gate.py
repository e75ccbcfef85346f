"""The gate: what an attempt to pay has to go through before anything of it is kept.

It takes values and gives a verdict; `doorway` brings it what a form has sent, and puts words to
what it asks.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.defence import Defence
from payments.protecting import puzzles, questions
from payments.protecting.meters import Meters, Seen
from payments.protecting.puzzles import Proved
from payments.protecting.questions import Question, Slip
from payments.protecting.tallying import Tally
from payments.protecting.watching import State
from payments.protecting.weighing import Attempt, Proof, Verdict, hardness, must_prove, weigh

# How old what a process knows of the state may be, in seconds.
_FRESH = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form has sent: its number, whose it is, and whatever it proves itself by."""

    form: str
    address: str
    email_key: str
    trap: str = ""
    work: str = ""
    slip: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an attempt is asked: the work for a browser, the question for a person.

    `wrong` says that what it brought was no use, but for work that had lain about for too long;
    then its browser does not send it again of itself, so that it can never go round and round.
    """

    work: str
    question: Question
    slip: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of an attempt; `aside` says of what there is too much."""

    verdict: Verdict
    challenge: Challenge | None = None
    aside: str | None = None


@dataclass(slots=True)
class Watch:
    """What this process knows of the state, read anew every other second."""

    read: Callable[[], State]
    known: State = field(default_factory=State)
    fresh_until: float = 0.0

    def state(self) -> State:
        """Return how the defence stands."""
        if time.monotonic() >= self.fresh_until:
            self.learn(self.read())
        return self.known

    def learn(self, found: State) -> None:
        """Take over what was just read or brought about."""
        self.known, self.fresh_until = found, time.monotonic() + _FRESH


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that judging needs. `rush` notes that there are more attempts than we take."""

    limits: Defence
    meters: Meters
    watch: Watch
    tally: Tally
    key: str
    rush: Callable[[], State]

    def judge(self, sent: Sent, *, now: dt.datetime) -> Judgement:
        """Count an attempt and decide on it. One that answers what it was asked counts once."""
        who = self.meters.name(sent.email_key)
        slip = questions.read(sent.slip, self.key, now=now)
        asked_before = slip is not None and (slip.form, slip.who) == (sent.form, who)
        if asked_before:
            seen = self.meters.look(sent.address, who)
        else:
            seen = self.meters.count(sent.address, who)
        state = self._rushed() if seen.rush else self.watch.state()
        attempt = Attempt(seen.of_address, seen.of_email, state.everybody, bool(sent.trap))
        if must_prove(attempt, self.limits):
            proof, too_many = self._proof(sent, slip if asked_before else None, now)
            attempt = Attempt(
                seen.of_address, seen.of_email, state.everybody, bool(sent.trap), proof
            )
            judged = self._decide(attempt, sent, too_many=too_many)
        else:
            judged = Judgement(Verdict.PASS)
        self.tally.add(judged.verdict)
        if judged.verdict is Verdict.ASK:
            return Judgement(Verdict.ASK, self._challenge(sent, who, seen, now))
        return judged

    def in_advance(self, form: str, address: str, *, now: dt.datetime) -> str:
        """Return the work for a form that is about to be filled in; nothing is counted by it."""
        seen = self.meters.look(address, "")
        hard = hardness(seen.of_address, self.limits)
        return puzzles.make(form, self.key, hardness=hard, until=self._until(now))

    def _decide(self, attempt: Attempt, sent: Sent, *, too_many: bool) -> Judgement:
        verdict = weigh(attempt, self.limits)
        if verdict is Verdict.ASIDE:
            return Judgement(verdict, aside="email")
        if verdict is Verdict.ASK:
            return Judgement(verdict)
        aside = "address" if too_many else None
        aside = aside or self.meters.let_through(sent.address, everybody=attempt.everybody)
        return Judgement(Verdict.ASIDE if aside else Verdict.PASS, aside=aside)

    def _proof(self, sent: Sent, slip: Slip | None, now: dt.datetime) -> tuple[Proof, bool]:
        """Return what proves the attempt, and whether its address has answered too often."""
        if self._worked(sent, now) is Proved.GOOD:
            return Proof.WORK, False
        if slip is None or not sent.answer.strip():
            return Proof.NONE, False
        may_answer = self.meters.answer(sent.address)
        right = _number(sent.answer) == slip.question.answer
        return (Proof.ANSWER if right else Proof.NONE), not may_answer

    def _challenge(self, sent: Sent, who: str, seen: Seen, now: dt.datetime) -> Challenge:
        until = self._until(now)
        hard = hardness(seen.of_address, self.limits)
        question = questions.draw()
        return Challenge(
            work=puzzles.make(sent.form, self.key, hardness=hard, until=until),
            question=question,
            slip=questions.write(Slip(sent.form, who, until, question), self.key),
            wrong=self._worked(sent, now) in (Proved.GOOD, Proved.BAD) or bool(sent.answer.strip()),
        )

    def _worked(self, sent: Sent, now: dt.datetime) -> Proved:
        return puzzles.check(sent.work, sent.form, self.key, now=now)

    def _until(self, now: dt.datetime) -> dt.datetime:
        return now + dt.timedelta(minutes=self.limits.challenge_minutes)

    def _rushed(self) -> State:
        """Note a rush where it is news or has not been noted for some seconds."""
        state = self.watch.state()
        if state.mode == "auto" and (state.attack_since is None or self._noted_long_ago()):
            state = self.rush()
            self.watch.learn(state)
        return state

    def _noted_long_ago(self) -> bool:
        """A rush is noted again when the state is due to be read again within a second."""
        return self.watch.fresh_until - time.monotonic() < _FRESH / 2


def _number(text: str) -> int | None:
    """Read a whole number as people type it, in the digits of any script."""
    typed = text.strip()
    return int(typed) if typed.isdecimal() and len(typed) < 4 else None  # noqa: PLR2004 -- 999 will do
