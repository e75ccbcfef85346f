"""Entering by hand: `add`, `undo` and `list`."""

import datetime as dt
from typing import BinaryIO

import click
from flask_babel import gettext as _

from core import clock
from core.commands import A_ROW, SO_MANY, visible
from core.database import reading, transaction
from core.money import Money
from payments import explaining
from payments.commands_for_treasurers import said_by_command
from payments.desk import by_command
from payments.forms import limits
from payments.models import OfflineEntry
from payments.models.money import OFFLINE_METHODS
from payments.offline import deciding, entering, hand, reporting, sheets, undoing
from payments.offline.booking import LooksLike
from payments.offline.commands import edge, words
from payments.offline.entering import BadEntry, Draft
from payments.offline.sheets import BadSheet

_ASKED = ("name", "email", "postcode", "reference")


@click.command(
    "add",
    epilog=edge.examples(
        "add --method cash --amount 25 --received 2026-11-20 --appeal fighting-fund --ask",
        "add --from collection.csv --method cash --received 2026-11-20",
    ),
)
@click.option("--method", help="cash, cheque, standing-order or bank.")
@click.option("--amount", help="Pounds, such as 25 or 1,250.50.")
@click.option("--received", metavar="DAY", help="The day it was received, such as 2026-11-20.")
@click.option("--appeal", metavar="SLUG", help="The appeal that it is for.")
@click.option("--dues", metavar="WHOSE", help="Or whose dues: an id, a reference or an e-mail.")
@click.option("--name", help="The giver's name.")
@click.option("--email", help="The giver's e-mail address; nobody is written to unless --receipt.")
@click.option("--postcode", help="The giver's postcode.")
@click.option("--reference", help="Your own: a cheque's number, a receipt book's page.")
@click.option("--message", help="The giver's message; it waits for a moderator like any other.")
@click.option("--display", help="The name shown with it: full, first or anonymous (as shipped).")
@click.option("--receipt", is_flag=True, help="Send a receipt to the e-mail address.")
@click.option("--ask", is_flag=True, help="Ask for the giver here, so that no history keeps them.")
@click.option("--from", "file", type=click.File("rb"), help="A CSV of gifts, or - for stdin.")
@click.option("--again", is_flag=True, help="It is another one, though it looks like one entered.")
@edge.in_words
def add(*, file: BinaryIO | None, ask: bool, again: bool, receipt: bool, **given: str) -> None:
    """Enter a gift, or a file of them; all of it or nothing.

    Names and addresses need not stand in the command: use --ask, or a file with a header of
    method, amount, received, appeal, dues, name, email, postcode, reference, message, display,
    receipt (any of them; options fill what a line leaves empty).
    """
    usual = {key: value for key, value in given.items() if value}
    if receipt:
        usual["receipt"] = "yes"
    if file is not None and ask:
        raise click.UsageError("--from and --ask exclude each other")
    if ask:
        usual |= {key: click.prompt(key.capitalize(), "", show_default=False) for key in _ASKED}
    numbered = _read_file(file, usual) if file is not None else [(0, _read(usual))]
    try:
        with transaction() as session:
            drafts = [draft for _number, draft in numbered]
            entered = hand.enter(session, drafts, again=again, rules=edge.rules(), now=clock.now())
    except hand.NotEntered as error:
        found = [(numbered[number][0], fault) for number, fault in error.faults]
        edge.refuse(*(_told(number, words.of(fault)) for number, fault in found))
    except LooksLike:
        edge.refuse(_("Somebody has just entered the same; look at: flask payments offline list"))
    for (number, _draft), each in zip(numbered, entered, strict=True):
        _say_entered(number, each)


def _read(given: dict[str, str]) -> Draft:
    try:
        return entering.read(given, today=edge.today(), spelled=edge.spelled)
    except BadEntry as error:
        edge.refuse(*(words.of(fault) for fault in error.faults))


def _read_file(file: BinaryIO, usual: dict[str, str]) -> list[tuple[int, Draft]]:
    text = edge.text_of(file)
    try:
        return sheets.read(text, usual, today=edge.today(), spelled=edge.spelled)
    except BadSheet as error:
        edge.refuse(*(_told(number, words.of(fault)) for number, fault in error.faults))
        raise


def _told(number: int, said: str) -> str:
    return f"line {number}: {said}" if number else said


def _say_entered(number: int, each: hand.Entered) -> None:
    payment, giver = each.payment, each.giver
    whose = {
        "email": _("a giver that we know by this e-mail address"),
        "name-and-postcode": _("a giver that we know by this name and postcode"),
        "dues": _("the member whose dues these are"),
        "new": _("a giver that we did not know"),
    }[giver.how]
    if giver.several:
        whose = _("a giver of their own: several that we know have this name and postcode")
    amount = str(Money(payment.amount_pence))
    said = _("entered %(amount)s as payment %(id)s, of ", amount=amount, id=payment.id) + whose
    click.echo(_told(number, said))


@click.command(
    "undo",
    epilog=edge.examples(
        'undo 3F2A9C01 --why "entered twice"',
        "undo 3F2A9C01 --bounced --line 118",
    ),
)
@click.argument("some_id", metavar="ID")
@click.option("--why", help="The reason, for the books.")
@click.option("--bounced", is_flag=True, help="The cheque bounced; stands for the reason.")
@click.option("--on", "day", type=edge.DAY, help="The day it went back, if not today.")
@click.option("--line", type=A_ROW, help="The bank's line by which it went out again.")
@click.option("--by", metavar="EMAIL", help="Whose account on the desk asks, above the set sum.")
@edge.in_words
def undo(
    some_id: str,
    *,
    why: str | None,
    bounced: bool,
    day: dt.datetime | None,
    line: int | None,
    by: str | None,
) -> None:
    """Take the offline payment ID back: entered by mistake, bounced, or given back by hand.

    The reverse is booked, and nothing deleted; totals, exports and statements follow at once. Above
    second_person_above_pence it waits until somebody else than --by agrees at the desk, unless the
    bank's own --line shows that the money went out again.
    """
    because = edge.reason(why or ("the cheque bounced" if bounced else None))
    now, most = clock.now(), limits().second_person_above_pence
    with edge.refusing(), said_by_command(most), transaction() as session:
        payment = explaining.payment(session, some_id)
        if payment.offline and line is None and by_command.above(session, payment, None, most=most):
            if day is not None:
                raise click.UsageError("--on is for what is undone at once")
            wish = by_command.wish(session, payment, None, by=by, why=because, most=most, now=now)
            amount = str(Money(wish.amount_pence))
            said = _("%(amount)s waits for a second person at the desk.", amount=amount)
            click.echo(said)
            return
        on = day.date() if day else None
        if line is not None:
            told = deciding.returned(session, line, payment, why=because, now=now)
            on = on or told.on_day
        rules = edge.rules()
        undone = undoing.undo(session, payment.id, why=because, on=on, rules=rules, now=now)
        amount = str(Money(undone.amount_pence))
    click.echo(_("%(amount)s is undone (payment %(id)s).", amount=amount, id=payment.id))


@click.command(
    "list",
    epilog=edge.examples(
        "list --from 2026-11-01 --to 2026-11-30 --method cheque",
    ),
)
@click.option("--from", "first", type=edge.DAY, help="Received on this day or later.")
@click.option("--to", "last", type=edge.DAY, help="Received on this day or before.")
@click.option("--method", type=click.Choice(OFFLINE_METHODS))
@click.option("--appeal", metavar="SLUG", help="For this appeal alone.")
@click.option("--dues/--gifts", default=None, help="Dues alone, or gifts alone.")
@click.option("--undone/--standing", default=None, help="Undone ones alone, or the others.")
@click.option("--most", type=SO_MANY, default=100, show_default=True)
@edge.in_words
def list_(
    *,
    first: dt.datetime | None,
    last: dt.datetime | None,
    most: int,
    **which: str | bool | None,
) -> None:
    """List what came past Stripe, the latest received first."""
    days = (first.date() if first else None, last.date() if last else None)
    filters = reporting.Filters(*days, **which)  # type: ignore[arg-type]  # click's own types
    with reading() as session:
        found = reporting.entries(session, filters, most=most + 1)
        for entry in found[:most]:
            click.echo(_line(entry))
    if not found:
        click.echo(_("There is none."))
    if len(found) > most:
        click.echo(_("There are more."))


def _line(entry: OfflineEntry) -> str:
    payment, pledge = entry.payment, entry.payment.pledge
    amount = str(Money(payment.amount_pence))
    cells = [entry.received_on.isoformat(), f"{amount:>12}", f"{payment.method:<14}", pledge.title]
    cells += [text for text in (pledge.name, entry.reference) if text]
    if payment.refunds:
        cells.append(_("undone: %(why)s", why=payment.refunds[0].reason or ""))
    return "  ".join(visible(cell) for cell in [*cells, str(payment.id)])
