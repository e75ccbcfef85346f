"""The bank's own file at the desk: loading it, and saying of each line that waits what it is."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.forms import options
from core.guards import guard, staff
from payments import appeals, explaining
from payments.desk import edge, words
from payments.desk.forms import MatchForm, StatementForm, UndoForm, UndoLineForm
from payments.desk.giving_back import MONEY
from payments.desk.offline_views import purposes
from payments.models import Appeal, BankAccount, BankLine, Payment, Pledge
from payments.offline import (
    deciding,
    decoding,
    entering,
    hand,
    importing,
    statements,
    suggesting,
)
from payments.offline.booking import LooksLike
from payments.offline.commands import words as of_commands
from payments.offline.deciding import Choice, NoSuchLine, NotSo
from payments.offline.entering import Fault
from payments.offline.givers import Giver
from payments.offline.importing import Imported
from staff.door import keep_nothing
from staff.room import me

MOST_BYTES = 1024 * 1024
"""Of a file sent to the desk: some ten thousand lines. The command takes longer ones."""
_A_PAGE = 25
_MOST_LINE = 2**31 - 1  # what the database counts lines up to
_OF_THE_FORM = ("no-purpose", "two-givers")
_TYPED = ("dues", "name", "email", "postcode", "why")
_TOLD_AS = {
    "matched": "bank-matched",
    "not-a-gift": "bank-not-ours",
    "waiting": "bank-undone",
}
_LIKE = ("as-before", "other-amount", "like")
bp = Blueprint("desk_bank", __name__, url_prefix="/desk/money/bank")


@bp.before_request
def _let_a_file_in() -> None:
    """Take more than other pages do. Nobody's body is read before the guard has let them in."""
    if request.endpoint == "desk_bank.load":
        request.max_content_length = MOST_BYTES


guard(bp, staff(*MONEY))
bp.after_request(keep_nothing)


@bp.get("")
def review() -> ResponseReturnValue:
    """List the lines that wait, oldest first, each with what it may be."""
    return _review(StatementForm(formdata=None))


@bp.post("")
def load() -> ResponseReturnValue:
    """Load a bank's file: all of it, or, where a line of it is faulty, none."""
    form = StatementForm()
    file = request.files.get("file")
    raw = file.read() if file else b""
    if file:
        file.close()
    sound = form.validate()
    try:
        lines = statements.read(decoding.text_of(raw), today=edge.today())
    except decoding.Unreadable as error:
        missing = error.why == "empty" and not raw
        said = _("Choose the bank's file.") if missing else str(of_commands.UNREADABLE[error.why])
        return _review(form, faults=[said]), 422
    except statements.BadFile as error:
        return _review(form, faults=[_of_line(each) for each in error.faults]), 422
    if not sound:
        return _review(form), 422
    with transaction() as session:
        rules, now = edge.rules(), clock.now()
        found = importing.keep(session, form.account.data or "", lines, rules=rules, now=now)
        if found.fresh:  # a file that was known already changes nothing
            edge.note(session, "change", f"bank-loaded:{found.fresh}")
    return _review(StatementForm(formdata=None), loaded=found)


@bp.get("/decided")
def decided() -> ResponseReturnValue:
    """List the lines that were decided on, the latest of the bank first."""
    before = request.args.get("before", type=int)
    wanted = select(BankLine).where(BankLine.state.in_(("matched", "not-a-gift", "returned")))
    if before is not None:
        wanted = wanted.where(BankLine.id < max(0, min(before, _MOST_LINE)))
    with transaction() as session:
        found = session.scalars(wanted.order_by(BankLine.id.desc()).limit(_A_PAGE + 1)).all()
        edge.note(session, "look", "bank")
    more = found[_A_PAGE - 1].id if len(found) > _A_PAGE else None
    lines = found[:_A_PAGE]
    return render_template("desk/money/decided.html", lines=lines, more=more, words=words)


@bp.get("/<int:line_id>")
def line(line_id: int) -> ResponseReturnValue:
    """Show a line of the bank, and what can be said of it."""
    return _line(line_id)


@bp.post("/<int:line_id>/match")
def match(line_id: int) -> ResponseReturnValue:
    """Book a line as a gift, or as somebody's dues."""
    form, faults = MatchForm(), list[Fault]()
    typed = {key: (form[key].data or "").strip() for key in ("name", "email", "postcode")}
    entering.check_texts(typed, faults)
    giver = entering.read_giver(typed, faults, edge.spelled)
    sound = form.validate()
    form.tell(faults)
    if faults or not sound:
        return _line(line_id, match_form=form), 422
    try:
        with transaction() as session:
            choice = _choice(session, form, giver)
            rules, now = edge.rules(), clock.now()
            matched = deciding.match(session, line_id, choice, rules=rules, now=now)
            edge.note(session, "change", "bank-matched", matched.payment.pledge_id)
            edge.note_line(session, "bank-matched", line_id)
    except appeals.NoSuchAppeal:
        form.tell([Fault("appeal", "no-such-appeal")])
    except hand.NoDues as error:
        form.tell([Fault("dues", error.why)])
    except (NotSo, NoSuchLine, LooksLike, IntegrityError) as error:
        return _not_so(line_id, error, "matched", form)
    else:
        return redirect(url("desk_bank.line", line_id=line_id), 303)
    return _line(line_id, match_form=form), 422


@bp.post("/<int:line_id>/not-ours")
def not_ours(line_id: int) -> ResponseReturnValue:
    """Put a line aside that is no gift, and keep why."""
    form = UndoForm()
    if not form.validate():
        return _line(line_id, why_form=form), 422
    try:
        with transaction() as session:
            deciding.not_a_gift(session, line_id, why=form.why.said, now=clock.now())
            edge.note_line(session, "bank-not-ours", line_id)
    except (NotSo, NoSuchLine) as error:
        return _not_so(line_id, error, "not-a-gift", form)
    return redirect(url("desk_bank.line", line_id=line_id), 303)


@bp.post("/<int:line_id>/undo")
def undo(line_id: int) -> ResponseReturnValue:
    """Take back what was decided of a line; what it booked is booked back."""
    form = UndoLineForm()
    if not form.validate():
        return _line(line_id, why_form=form), 422
    try:
        with transaction() as session:
            rules, now = edge.rules(), clock.now()
            deciding.check_seen(session, line_id, form.seen.data or "")
            deciding.unmatch(session, line_id, why=form.why.said, rules=rules, now=now)
            edge.note_line(session, "bank-undone", line_id)
    except (NotSo, NoSuchLine) as error:
        return _not_so(line_id, error, "waiting", form)
    return redirect(url("desk_bank.line", line_id=line_id), 303)


def _choice(session: Session, form: MatchForm, giver: Giver) -> Choice:
    """Return what the form says that a line is.

    Raises:
        NotSo, NoSuchAppeal, NoDues: it says nothing that can be booked, or two things at once.
    """
    like, dues = None, (form.dues.data or "").strip()
    if form.like.data:
        if giver != Giver():
            raise NotSo("two-givers")
        try:
            like = explaining.payment(session, form.like.data)
        except explaining.NoSuchPayment:
            raise NotSo("no-purpose") from None
    purpose: Appeal | Pledge | None = None
    if form.appeal.data or dues:
        purpose = hand.purpose(session, appeal=form.appeal.data, dues=dues or None)
    return Choice(purpose, like, giver, learn=not form.once.data)


def _not_so(
    line_id: int, error: Exception, state: str, form: MatchForm | UndoForm
) -> ResponseReturnValue:
    """Say why a line cannot be decided on so; pressed twice, it stands as it was wished already."""
    if isinstance(error, NoSuchLine):
        abort(404)
    why = error.why if isinstance(error, NotSo) else "at-once"
    if why in _OF_THE_FORM and isinstance(form, MatchForm):
        form.form_errors = [words.not_so(why)]
        return _line(line_id, match_form=form), 422
    with reading() as session:
        found = session.get(BankLine, line_id)
        who, what = edge.who_decided(session, line_id)
        names = edge.people(session, [who])
    if found is not None and (found.state, what, who) == (state, _TOLD_AS[state], me().account_id):
        return redirect(url("desk_bank.line", line_id=line_id), 303)
    told = words.decided_meanwhile(names.get(str(who)), what) if what else ""
    typed = [form[name].data for name in _TYPED if name in form]
    notice = " ".join(filter(None, (words.not_so(why), told)))
    return _line(line_id, notice=notice, kept=[each for each in typed if each]), 409


def _of_line(found: statements.LineFault) -> str:
    said = of_commands.of_line(found)
    return f"{said[0].upper()}{said[1:]}."


def _review(
    form: StatementForm, *, faults: list[str] | None = None, loaded: Imported | None = None
) -> str:
    """Draw the list of lines that wait, with the form that loads more."""
    after = request.args.get("after", type=int)
    after = max(0, min(after, _MOST_LINE)) if after is not None else None
    with transaction() as session:
        found = suggesting.waiting(session, account=None, most=_A_PAGE + 1, after=after)
        accounts = session.scalars(select(BankAccount.name).order_by(BankAccount.name)).all()
        edge.note(session, "look", "bank")
    if request.method == "GET" and len(accounts) == 1:
        form.account.data = accounts[0]
    return render_template(
        "desk/money/bank.html",
        form=form,
        faults=faults or [],
        loaded=loaded,
        waiting=found[:_A_PAGE],
        more=found[_A_PAGE - 1].line.id if len(found) > _A_PAGE else None,
        accounts=accounts,
        words=words,
    )


def _line(
    line_id: int,
    *,
    match_form: MatchForm | None = None,
    why_form: UndoForm | None = None,
    notice: str = "",
    kept: Sequence[str] = (),
) -> str:
    """Draw the page of a line; a form that came back stands on it as it was sent.

    `kept` is what was typed into one that has no place there any more.
    """
    with transaction() as session:
        found = session.get(BankLine, min(line_id, _MOST_LINE))
        if found is None:
            abort(404)
        suggestions = suggesting.of_line(session, found) if found.state == "waiting" else []
        form = match_form or MatchForm(formdata=None)
        form.appeal.choices = [("", _("Choose")), *purposes(session)[:-1]]
        likes = {
            each.values["payment"]: words.suggestion(each, found)
            for each in suggestions
            if each.kind in _LIKE
        }
        form.like.choices = options({**likes, "": _("Something else, as filled in below")})
        if match_form is None:
            form.like.data = next(iter(likes), "")
        payment = session.get(Payment, found.payment_id) if found.payment_id else None
        seen = deciding.latest(session, line_id)
        edge.note(session, "look", "bank-line")
    return render_template(
        "desk/money/line.html",
        line=found,
        suggestions=suggestions,
        likes=likes,
        payment=payment,
        match_form=form,
        why_form=why_form or UndoForm(formdata=None),
        form=match_form or why_form,
        notice=notice,
        kept=kept,
        seen=seen,
        words=words,
    )
