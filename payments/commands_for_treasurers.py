"""The treasurer's commands: a month's statement, and giving money back."""

import csv
import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext

from core import clock
from core.commands import PlainGroup, before_the_end
from core.database import reading, transaction
from core.money import Money, NotAnAmount
from payments import explaining, refunding, stating
from payments.desk import by_command
from payments.desk.by_command import NeedsSecond, NotOnTheDesk
from payments.desk.giving_back import OneWaits
from payments.forms import limits
from payments.models import Payment, RefundRequest, RefundWish


def register(group: PlainGroup) -> None:
    """Add these commands to `flask payments`."""
    group.add_command(statement)
    group.add_command(refund)


@click.command("statement")
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, in pence.")
@with_appcontext
def statement(month: dt.datetime, *, as_csv: bool) -> None:
    """State a month (YYYY-MM): opening, gifts, fees, refunds, disputes, payouts, closing."""
    before_the_end(month)
    with reading() as session:
        found = stating.month(session, month.year, month.month)
    if as_csv:
        _write(found)
    else:
        _print(found)


@click.command("refund")
@click.argument("some_id", metavar="ID")
@click.option("--amount", help="Pounds, such as 2.50; without it, all that is left.")
@click.option("--why", required=True, help="The reason, for the books.")
@click.option("--by", metavar="EMAIL", help="Whose account on the desk asks, above the set sum.")
@with_appcontext
def refund(some_id: str, amount: str | None, why: str, by: str | None) -> None:
    """Give money of the payment ID back. Of a monthly gift, name the one payment that is meant.

    Above second_person_above_pence it waits until somebody else than --by agrees at the desk.
    """
    now, most = clock.now(), limits().second_person_above_pence
    try:
        pence = Money.parse(amount).pence if amount is not None else None
        with said_by_command(most), transaction() as session:
            payment = explaining.payment(session, some_id)
            asked: RefundWish | RefundRequest
            alone = payment.offline or not by_command.above(session, payment, pence, most=most)
            if alone:
                asked = refunding.ask(session, payment.id, pence=pence, why=why, now=now)
            else:
                asked = by_command.wish(session, payment, pence, by=by, why=why, most=most, now=now)
    except NotAnAmount as error:
        raise click.UsageError(f"--amount {error}") from None
    except explaining.NoSuchPayment:
        click.echo("We have no single payment with this id.", err=True)
        sys.exit(1)
    except refunding.NotRefundable as error:
        click.echo(f"It cannot be given back: {error}.", err=True)
        sys.exit(1)
    if isinstance(asked, RefundWish):
        click.echo(f"{Money(asked.amount_pence)} waits for a second person ({_shown(payment)}).")
    else:
        click.echo(f"{Money(asked.amount_pence)} will be given back ({_shown(payment)}).")


@contextmanager
def said_by_command(most: int) -> Iterator[None]:
    """Say what a second person has to do with it, and end with 1."""
    try:
        yield
    except NeedsSecond:
        why = f"more than {Money(most)} of one payment takes two people; say who asks with --by"
    except NotOnTheDesk:
        why = "nobody of that address may give money back at the desk"
    except OneWaits:
        why = "a wish to give money of this payment back waits at the desk already"
    else:
        return
    click.echo(f"Nothing was done: {why}.", err=True)
    sys.exit(1)


def _shown(payment: Payment) -> str:
    return f"payment {payment.id}, {Money(payment.amount_pence)}"


def _write(found: stating.Statement) -> None:
    csv.writer(sys.stdout, lineterminator="\n").writerows(stating.rows(found))


def _print(found: stating.Statement) -> None:
    click.echo(f"{found.first:%B %Y}")
    _line("Held by Stripe at the beginning", "", found.opening_pence)
    section = ""
    for line in found.lines:
        if line.section != section:
            section = line.section
            click.echo(section.capitalize())
        method = f" by {line.detail}" if line.detail else ""
        _line(f"  {line.what}{method}", str(line.count), line.pence)
    click.echo("Payouts to the bank")
    for each in found.payouts:
        _line(f"  {each.moved_on:%d %b} {each.payout}, {_matched(each)}", "", -each.pence)
    _line("Held by Stripe at the end", "", found.closing_pence)
    if found.offline:
        click.echo("Received past Stripe")
    for line in found.offline:
        undone = ", undone" if line.section == "offline-undone" else ""
        _line(f"  {line.what} by {line.detail}{undone}", str(line.count), line.pence)


def _matched(each: stating.PaidOut) -> str:
    if each.came_back:
        return "came back from the bank"
    if each.unmatched_pence is None:
        return "not matched yet"
    if each.unmatched_pence:
        return f"{each.unmatched_pence} pence of it not explained"
    seen = f", in the bank's file on {each.at_bank_on:%d %b}" if each.at_bank_on else ""
    return f"matched, {each.lines} lines{seen}"


def _line(what: str, count: str, pence: int) -> None:
    sign = "-" if pence < 0 else ""
    click.echo(f"{what:<60}{count:>7}{sign + str(Money(abs(pence))):>15}")
