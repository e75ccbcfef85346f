"""The doorway: brings a form to the gate, and puts words to what the gate asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from prometheus_client import Counter, Gauge

from core import clock
from core.database import reading, transaction
from core.defence import Defence
from core.forms import GuardedForm, age_of, nonce_of
from core.limits import caller
from payments import pledging
from payments.gateway import GatewayUnavailable, PaymentRefused
from payments.pledging import Addresses
from payments.protecting import tallying, watching
from payments.protecting.gate import Challenge, Gate, Judgement, Sent
from payments.protecting.questions import Kind, Question
from payments.protecting.watching import State
from payments.protecting.weighing import Verdict

GATE, WAYS_BACK = "gate", "ways_back"
# A name that no browser fills in by itself, and no person sees.
TRAP = "remarks"
_NUMBERS = (
    *(_l("zero"), _l("one"), _l("two"), _l("three"), _l("four"), _l("five"), _l("six")),
    *(_l("seven"), _l("eight"), _l("nine"), _l("ten"), _l("eleven"), _l("twelve")),
    *(_l("thirteen"), _l("fourteen"), _l("fifteen"), _l("sixteen"), _l("seventeen")),
    *(_l("eighteen"), _l("nineteen"), _l("twenty")),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a form shows of a challenge.

    `sends` says that the browser sends the form by itself once it has done its work. There is no
    question where nobody has been refused yet.
    """

    work: str
    question: str
    slip: str
    sends: bool


@dataclass(frozen=True, slots=True)
class Gauges:
    """What Prometheus is told, by this process."""

    attempts: Counter
    on: Gauge
    declines: Gauge
    waiting: Gauge


def examine(
    form: GuardedForm, form_name: str, nonce: str | None, email_key: str | None
) -> Judgement:
    """Judge a form before anything of it is kept; where it comes back, the form is told why.

    One without its number, or with a fault in it (then `email_key` is None), comes back uncounted:
    it was told already. One that has made its pledge is the same attempt as then: it is neither
    counted nor asked again.
    """
    if nonce is None or email_key is None:
        return Judgement(Verdict.ASK)
    with reading() as session:
        if pledging.pledged(session, nonce) is not None:
            return Judgement(Verdict.PASS)
    gate = _gate()
    if age_of(form, form_name).total_seconds() < gate.limits.form_seconds:
        form.form_errors = [_("That was very quick. Please look it over and press again.")]
        return Judgement(Verdict.ASK)
    sent = Sent(
        form=nonce,
        address=caller(),
        email_key=email_key,
        trap=request.form.get(TRAP, ""),
        work=request.form.get("altcha", ""),
        slip=request.form.get("slip", ""),
        answer=_digits(request.form.get("answer", "")),
    )
    judged = gate.judge(sent, now=clock.now())
    current_app.extensions["gauges"].attempts.labels(judged.verdict).inc()
    if judged.challenge is not None:
        form.challenge = _shown(judged.challenge)
        form.form_errors = [_refusal(judged.challenge)]
    return judged


def prepare(form: GuardedForm, form_name: str) -> None:
    """Have the browser do its work while the form is filled in, where everybody is asked anyway."""
    gate = _gate()
    nonce = nonce_of(form, form_name) if gate.watch.state().everybody else None
    if nonce is not None:
        work = gate.in_advance(nonce, caller(), now=clock.now())
        form.challenge = Shown(work, question="", slip="", sends=False)


def watch_state(gauges: Gauges, gate: Callable[[], Gate], limits: Defence) -> State:
    """Read how the defence stands, and write down what this process has counted."""
    now, counted = clock.now(), gate().tally.take()
    if counted:
        with transaction() as session:
            tallying.write(session, counted, now=now)
    with reading() as session:
        found = watching.state(session)
        gauges.declines.set(watching.figures(session, limits, now=now).declines)
        gauges.waiting.set(tallying.waiting(session))
    gauges.on.set(found.everybody)
    return found


def ways_back() -> Mapping[str, Callable[[], Addresses]]:
    """Return where Stripe sends the payer of each kind of pledge back to."""
    found: Mapping[str, Callable[[], Addresses]] = current_app.extensions[WAYS_BACK]
    return found


def refused_words(error: GatewayUnavailable | PaymentRefused) -> tuple[str, int]:
    """Return what is said, and with which status, where the payment page cannot be had."""
    words = _(
        "We could not reach the payment page. Nothing has been charged. "
        "Please press the button again in a moment."
    )
    return words, 503 if isinstance(error, GatewayUnavailable) else 502


def _refusal(challenge: Challenge) -> str:
    if challenge.wrong:
        words = _("That was not it. Nothing has been charged. Please answer the new question.")
    else:
        words = _(
            "One more step, because forms like this one are being misused just now. "
            "Nothing has been charged, and nothing you typed is lost."
        )
    return str(words)


def _shown(challenge: Challenge) -> Shown:
    return Shown(
        work=challenge.work,
        question=_words(challenge.question),
        slip=challenge.slip,
        sends=not challenge.wrong,
    )


def _words(asked: Question) -> str:
    first, second = str(_NUMBERS[asked.first]), str(_NUMBERS[asked.second])
    words: dict[Kind, str] = {
        Kind.SUM: _("What is %(first)s and %(second)s together?", first=first, second=second),
        Kind.DIFFERENCE: _(
            "What is left of %(first)s when you take %(second)s away?", first=first, second=second
        ),
        Kind.LARGER: _(
            "Which is the larger number, %(first)s or %(second)s?", first=first, second=second
        ),
        Kind.SMALLER: _(
            "Which is the smaller number, %(first)s or %(second)s?", first=first, second=second
        ),
    }
    return words[asked.kind]


def _digits(typed: str) -> str:
    """Return a number that was typed as a word in digits; anything else as it is."""
    words = {str(word): str(number) for number, word in enumerate(_NUMBERS)}
    return words.get(typed.strip().rstrip(".").casefold(), typed)


def _gate() -> Gate:
    found: Gate = current_app.extensions[GATE]
    return found
