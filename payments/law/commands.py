"""The treasurer's commands about the law: its figures, and what waits to be checked."""

import datetime as dt
import sys

import click
from flask.cli import with_appcontext
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock
from core.clock import day_in_london
from core.commands import PlainGroup, visible
from core.database import reading, transaction
from core.money import Money
from payments import explaining
from payments.law import deciding, figures, listing
from payments.law.declaring import THRESHOLD
from payments.law.listing import Entry
from payments.models import Declaration
from payments.receipts import reference

_NAMES = {
    "rights_request_months": _l("Answer a request about personal data within"),
    "rights_request_extension_months": _l("Where it is difficult, later by at most"),
    "complaint_acknowledge_days": _l("Confirm a complaint about personal data within"),
    "bequest_register_years": _l("A bequest: on the register within, before death"),
    "check_days": _l("Time to check a donor, the day of receipt counted in"),
    "checking_threshold": _l("A donation, dues too, is checked above"),
    "quarterly_report_days": _l("A quarterly report is due within"),
    "record_years": _l("Records are kept, after the end of the financial year"),
    "report_threshold_accounting_unit": _l("An accounting unit's donors are reported above"),
    "report_threshold_central": _l("A donor is reported above, in a calendar year"),
    "report_threshold_further": _l("Once reported, again above"),
    "weekly_report_days": _l("A weekly report before an election is due within"),
    "weekly_report_threshold": _l("Weekly, a donation is reported above"),
}
_STATES = {"waiting": _l("waiting"), "accepted": _l("accepted"), "returned": _l("returned")}


def register(group: PlainGroup) -> None:
    """Add the commands to `flask payments`."""
    group.add_command(law)
    group.add_command(checks)


@click.command("law")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day; else today.")
@with_appcontext
def law(day: dt.datetime | None) -> None:
    """List the figures of the law that are in force, with where each stands. Not legal advice."""
    on = day.date() if day else day_in_london(clock.now())
    with force_locale("en_GB"):
        found = figures.in_force(on)
        if not found:
            click.echo(_("No figure is known for that day."), err=True)
            sys.exit(1)
        for each in found:
            name = str(_NAMES.get(each.name, each.name))
            doubt = "" if each.confirmed else "  " + _("UNCONFIRMED: look it up")
            click.echo(f"{name:<58}{each!s:>10}  " + _since(each) + doubt)
            click.echo(f"    {each.name}, {each.source}")


@click.command("checks")
@click.argument("some_id", metavar="[ID]", required=False)
@click.option("--accept", is_flag=True, help="The donor of ID may give: keep it. Needs --why.")
@click.option("--returned", is_flag=True, help="ID has to go back. Needs --why.")
@click.option("--why", help="What the decision rests on; kept for good.")
@click.option("--who", default="command line", show_default=True, help="Who decides.")
@click.option("--all", "everything", is_flag=True, help="List what is decided as well.")
@click.option("--with-donors", is_flag=True, help="Show what donors declared: personal data.")
@click.option("--split-gifts", is_flag=True, help="List givers whose small gifts add up.")
@with_appcontext
def checks(  # noqa: PLR0913 -- one for each option
    *,
    some_id: str | None,
    accept: bool,
    returned: bool,
    why: str | None,
    who: str,
    everything: bool,
    with_donors: bool,
    split_gifts: bool,
) -> None:
    """List payments that the law makes you check, those due first; or decide on the payment ID."""
    deciding_now = accept or returned
    if accept and returned:
        raise click.UsageError("--accept and --returned exclude each other")
    if deciding_now != bool(some_id) or deciding_now != bool((why or "").strip()):
        raise click.UsageError("an ID, --accept or --returned, and --why belong together")
    if deciding_now and (everything or with_donors or split_gifts):
        raise click.UsageError("decide, or list; not both")
    with force_locale("en_GB"):
        if some_id is not None:
            _decide(some_id, accept=accept, why=(why or "").strip(), who=who)
        elif split_gifts:
            _list_split()
        else:
            _list(everything=everything, with_donors=with_donors)


def _list(*, everything: bool, with_donors: bool) -> None:
    today = day_in_london(clock.now())
    with reading() as session:
        found = listing.entries(session, everything=everything)
    if not found:
        click.echo(_("Nothing waits to be checked."))
    for each in found:
        _show(each, today)
        if with_donors and each.declaration is not None:
            _show_donor(each.declaration)
    late = sum(each.open and each.days_left(today) < 0 for each in found)
    if late:
        click.echo(
            _(
                "LATE: %(count)s. The law takes what was kept too long for accepted. Decide now, "
                "and take advice.",
                count=late,
            )
        )


def _show(each: Entry, today: dt.date) -> None:
    payment, check = each.payment, each.check
    declared = _("declared") if each.declaration is not None else _("DECLARATION MISSING")
    click.echo(
        f"{payment.id}  {reference(payment.pledge_id)}  {Money(payment.amount_pence)}  "
        + _(
            "received %(received)s, due %(due)s",
            received=f"{check.received_on:%d %b %Y}",
            due=f"{check.due_on:%d %b %Y}",
        )
        + f"  {_clock(each, today)}  {_STATES[check.state]}  {declared}"
    )
    if check.decided_at is not None:
        decided = f"{check.decided_at.astimezone(clock.LONDON):%d %b %Y}"
        click.echo(f"    {decided}, {check.who}: {check.why}")
    if each.still_here:
        click.echo("    " + _to_refund(each))


def _clock(each: Entry, today: dt.date) -> str:
    if not each.open:
        return str(_("done"))
    left = each.days_left(today)
    if left < 0:
        return str(ngettext("LATE by %(num)s day", "LATE by %(num)s days", -left))
    if not left:
        return str(_("THE LAST DAY"))
    return str(ngettext("%(num)s day left", "%(num)s days left", left))


def _to_refund(each: Entry) -> str:
    if each.past_stripe:
        words = _(
            "It is still here: give it back by hand, then: "
            "flask payments offline undo %(payment)s --why …",
            payment=each.payment.id,
        )
    else:
        words = _(
            "It is still here: flask payments refund %(payment)s --why …", payment=each.payment.id
        )
    return str(words)


def _show_donor(donor: Declaration) -> None:
    place = (donor.address1, donor.address2, donor.town, donor.postcode, donor.country)
    click.echo(visible(f"    {donor.donor_type}: {donor.name} {donor.number}".rstrip()))
    click.echo(visible("    " + ", ".join(part for part in place if part)))


def _decide(some_id: str, *, accept: bool, why: str, who: str) -> None:
    decide = deciding.accept if accept else deciding.give_back
    try:
        with transaction() as session:
            payment = explaining.payment(session, some_id)
            fresh = decide(session, payment.id, why=why, who=who, now=clock.now())
        with reading() as session:
            entry = next(
                each
                for each in listing.entries(session, everything=True)
                if each.payment.id == payment.id
            )
    except explaining.NoSuchPayment:
        _refuse(_("We have no single payment with this id."))
    except deciding.NotMarked:
        _refuse(_("It is not above the threshold, so there is nothing to check."))
    except deciding.GoneAlready:
        _refuse(_("The money has gone back, so it cannot be accepted."))
    click.echo(_("It is kept.") if fresh else _("It was so already; nothing has changed."))
    _show(entry, day_in_london(clock.now()))


def _refuse(words: str) -> None:
    click.echo(words, err=True)
    sys.exit(1)


def _list_split() -> None:
    today = day_in_london(clock.now())
    with reading() as session:
        found = listing.split_gifts(session, today.year, on=today)
    threshold = figures.figure(THRESHOLD, today)
    if not found:
        click.echo(_("Nobody's gifts of this year add up to more than %(most)s.", most=threshold))
    for each in found:
        click.echo(
            _(
                "%(amount)s in %(count)s payments, %(monthly)s of them by monthly agreement: ",
                amount=str(Money(each.pence)),
                count=each.count,
                monthly=each.monthly,
            )
            + ", ".join(reference(pledge_id) for pledge_id in each.pledges)
        )


def _since(each: figures.Figure) -> str:
    if each.valid_to is None:
        return str(_("since %(day)s", day=each.valid_from))
    return str(_("%(first)s to %(last)s", first=each.valid_from, last=each.valid_to))
