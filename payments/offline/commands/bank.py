"""The bank's files: `import`, `review`, and what a person says of a line."""

from collections.abc import Mapping
from typing import BinaryIO

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.commands import A_ROW, SO_MANY, visible
from core.database import reading, transaction
from core.money import Money
from payments import appeals, explaining
from payments.models import Appeal, BankLine, Pledge
from payments.models.money import OFFLINE_METHODS
from payments.offline import deciding, entering, hand, importing, learned, statements, suggesting
from payments.offline.commands import edge, words
from payments.offline.entering import Fault
from payments.offline.givers import Giver
from payments.offline.importing import Imported
from payments.offline.suggesting import Suggestion

_LONGEST_NAME = 60


@click.command(
    "import",
    epilog=edge.examples(
        "import november.csv --account current --dry-run",
    ),
)
@click.argument("file", type=click.File("rb"))
@click.option("--account", default="bank", show_default=True, help="Which account of yours it is.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@edge.in_words
def import_(file: BinaryIO, account: str, *, dry_run: bool) -> None:
    """Read the bank's CSV (FILE, or - for stdin): each line once, however often files overlap.

    The columns are known by their header, as the usual banks of Britain write it. Lines that say
    to the letter what you have decided on before are booked; payouts of Stripe's are matched and
    count for nothing twice; the rest waits for `review`.
    """
    name = account.strip()
    if not name or len(name) > _LONGEST_NAME or entering.unshowable(name):
        raise click.UsageError("--account must be a short name")
    try:
        lines = statements.read(edge.text_of(file), today=edge.today())
    except statements.BadFile as error:
        edge.refuse(*(words.of_line(fault) for fault in error.faults))
    try:
        with transaction() as session:
            found = importing.keep(
                session,
                name,
                lines,
                rules=edge.rules(),
                now=clock.now(),
                watch=edge.watched,
            )
            edge.give_up_if(dry_run=dry_run)
    except edge.GivenUp:
        click.echo(_("Nothing was changed. An import would come to this:"))
    _say_imported(found)


def _say_imported(found: Imported) -> None:
    click.echo(_("%(count)s new lines", count=found.fresh))
    click.echo(_("%(count)s known already", count=found.known))
    click.echo(_("%(count)s booked as decided before", count=found.sorted.booked))
    click.echo(_("%(count)s payouts of Stripe's matched", count=found.sorted.payouts))
    click.echo(_("%(count)s are no money in", count=found.sorted.out))
    click.echo(
        _("%(count)s of them wait: flask payments offline review", count=found.sorted.waiting)
    )
    if found.doubtful:
        click.echo(_("%(count)s may be lines that were known already", count=found.doubtful))


@click.command(
    "review",
    epilog=edge.examples(
        "match 118 --like 3F2A9C01",
        'not-a-gift 119 --why "rent of the hall"',
    ),
)
@click.option("--account", help="Lines of this account alone.")
@click.option("--most", type=SO_MANY, default=50, show_default=True)
@edge.in_words
def review(*, account: str | None, most: int) -> None:
    """List the lines that wait for you, each with what it may be and why."""
    with reading() as session:
        found = suggesting.waiting(session, account=account, most=most + 1)
        for each in found[:most]:
            click.echo(_shown(each.line))
            for suggestion in each.suggestions:
                click.echo(visible(f"    {_suggested(suggestion, each.line)}"))
    if not found:
        click.echo(_("No line waits."))
    if len(found) > most:
        click.echo(_("There are more."))


def _shown(line: BankLine) -> str:
    amount = str(Money(line.pence))
    cells = [f"{line.id:>6}", line.on_day.isoformat(), f"{amount:>12}"]
    texts = [text for text in (line.type, line.text, line.reference) if text]
    return "  ".join(visible(cell) for cell in [*cells, *texts])


def _suggested(suggestion: Suggestion, line: BankLine) -> str:
    values = {**suggestion.values, "own": str(line.id)}
    values["who"] = values.get("name") or _("somebody unnamed")
    if "amount" in values:
        values["amount"] = str(Money(int(values["amount"])))
    return str(words.SUGGESTIONS[suggestion.kind]) % values


@click.command(
    "match",
    epilog=edge.examples(
        "match 118 --appeal fighting-fund --ask",
        "match 118 --like 3F2A9C01",
    ),
)
@click.argument("line", type=A_ROW)
@click.option("--appeal", metavar="SLUG", help="The appeal that it is for.")
@click.option("--dues", metavar="WHOSE", help="Or whose dues: an id, a reference or an e-mail.")
@click.option("--like", metavar="PAYMENT", help="Of the giver of this payment, and for the same.")
@click.option("--name", help="The giver's name.")
@click.option("--email", help="The giver's e-mail address.")
@click.option("--postcode", help="The giver's postcode.")
@click.option("--ask", is_flag=True, help="Ask for the giver here, so that no history keeps them.")
@click.option("--method", type=click.Choice(OFFLINE_METHODS), help="If the line does not tell.")
@click.option("--receipt", is_flag=True, help="Send a receipt to the e-mail address.")
@click.option("--once", is_flag=True, help="Book this line, and learn nothing for the next.")
@edge.in_words
def match(
    line: int, *, ask: bool, method: str | None, receipt: bool, once: bool, **given: str | None
) -> None:
    """Book the bank's LINE as a gift or as dues.

    From then on a line of the same text and amount is booked by itself, unless you say --once.
    """
    appeal, dues, like = (given.pop(key) for key in ("appeal", "dues", "like"))
    if appeal and dues:
        raise click.UsageError("--appeal and --dues exclude each other")
    if ask:
        given = {key: click.prompt(key.capitalize(), "", show_default=False) for key in given}
    whose = _giver(given)
    with edge.refusing(), transaction() as session:
        earlier = explaining.payment(session, like) if like else None
        purpose = _purpose(session, appeal, dues)
        choice = deciding.Choice(purpose, earlier, whose, method, receipt, not once)
        rules, now = edge.rules(), clock.now()
        matched = deciding.match(session, line, choice, rules=rules, now=now)
    amount, id_ = str(Money(matched.payment.amount_pence)), matched.payment.id
    click.echo(
        _("Line %(line)s is booked: %(amount)s, payment %(id)s.", line=line, amount=amount, id=id_)
    )
    if matched.learned:
        click.echo(_("Lines of this text and amount are booked by themselves from now on."))


def _giver(given: Mapping[str, str | None]) -> Giver:
    faults: list[Fault] = []
    stripped = {key: (text or "").strip() for key, text in given.items()}
    entering.check_texts(stripped, faults)
    giver = entering.read_giver(stripped, faults, edge.spelled)
    if faults:
        edge.refuse(*(words.of(fault) for fault in faults))
    return giver


def _purpose(session: Session, appeal: str | None, dues: str | None) -> Appeal | Pledge | None:
    if not appeal and not dues:
        return None
    try:
        return hand.purpose(session, appeal=appeal, dues=dues)
    except appeals.NoSuchAppeal:
        edge.refuse(words.of(Fault("appeal", "no-such-appeal")))
    except hand.NoDues as error:
        edge.refuse(words.of(Fault("dues", error.why)))


@click.command("not-a-gift")
@click.argument("line", type=A_ROW)
@click.option("--why", required=True, help="What it is instead.")
@edge.in_words
def not_a_gift(line: int, *, why: str) -> None:
    """Note that the bank's LINE is no gift: rent, a refund to us, cheques that were entered."""
    because = edge.reason(why)
    with edge.refusing(), transaction() as session:
        deciding.not_a_gift(session, line, why=because, now=clock.now())
    click.echo(_("Line %(line)s is no gift.", line=line))


@click.command("unmatch")
@click.argument("line", type=A_ROW)
@click.option("--why", required=True, help="The reason, for the books.")
@edge.in_words
def unmatch(line: int, *, why: str) -> None:
    """Take back what was decided of the bank's LINE; what it booked is booked back.

    What was learned from it is forgotten, and the line waits to be decided on again.
    """
    because = edge.reason(why)
    with edge.refusing(), transaction() as session:
        rules, now = edge.rules(), clock.now()
        deciding.unmatch(session, line, why=because, rules=rules, now=now)
    click.echo(_("Line %(line)s waits to be decided on again.", line=line))


@click.command("rules")
@click.option("--forget", type=A_ROW, metavar="RULE", help="Book nothing by this rule any more.")
@edge.in_words
def rules(*, forget: int | None) -> None:
    """List what was learned: which lines are booked by themselves, and as whose gift."""
    if forget is not None:
        with transaction() as session:
            known = learned.forget_one(session, forget, now=clock.now())
        if not known:
            edge.refuse(_("There is no such rule in use."))
        click.echo(_("Lines like it wait for you from now on."))
        return
    with reading() as session:
        found = learned.rules_in_use(session).exact.values()
        for rule in found:
            pledge, amount = rule.payment.pledge, str(Money(rule.pence))
            cells = [f"{rule.id:>6}", f"{amount:>12}", rule.folded, pledge.name, pledge.title]
            click.echo("  ".join(visible(cell) for cell in cells if cell))
    if not found:
        click.echo(_("Nothing was learned yet."))
