"""The commands that make books good: told again, and compared with Stripe's own."""

import datetime as dt
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import lazyload

from core import clock
from core.clock import LONDON
from core.commands import PlainGroup
from core.database import transaction
from payments import reconciling, replaying, searching, settling
from payments.gateway import GatewayUnavailable, PaymentRefused
from payments.models import Pledge
from payments.reconciling import Difference, Kind
from payments.replaying import Replayed
from payments.till import Till

_Each = TypeVar("_Each")
_AT_ONCE = 1_000
_DAY = click.DateTime(["%Y-%m-%d"])
_NO_MAIL = click.option(
    "--no-mail",
    is_flag=True,
    help="Write to nobody: for a restored backup, whose letters have been sent.",
)
_SENTENCES = {
    Kind.LACKING: "Stripe has {what} {name} ({state}), and our books do not show it.",
    Kind.DISAGREES: "Stripe has {what} {name} ({state}), which does not agree with our books.",
    Kind.NOT_COMPARED: "Stripe's {what} {name} could not be compared; the log says more.",
    Kind.NOT_AT_STRIPE: "Our books have {what} {name}; Stripe does not know it.",
    Kind.NOT_ENDED: "Here {what} {name} has ended, and Stripe's list of ended ones lacks it.",
}


def register(group: PlainGroup) -> None:
    """Add these commands to `flask payments`."""
    group.add_command(replay)
    group.add_command(reconcile)
    group.add_command(reindex)


@click.command("reindex")
@with_appcontext
def reindex() -> None:
    """Write down anew by which words givers are found: for rows put in past the service."""
    many, last = 0, uuid.UUID(int=0)
    while True:
        with transaction() as session:
            following = select(Pledge).where(Pledge.id > last).order_by(Pledge.id)
            bare = (lazyload(Pledge.appeal), lazyload(Pledge.checkouts))
            pledges = session.scalars(following.limit(_AT_ONCE).options(*bare)).all()
            searching.write_anew(session, pledges)
        many += len(pledges)
        if len(pledges) < _AT_ONCE:
            break
        last = pledges[-1].id
    click.echo(f"Gifts and agreements found by their givers' names: {many}.")


@click.command("replay")
@click.option("--id", "event_id", help="One event, such as evt_1; fetched if it is not here.")
@click.option("--failed", is_flag=True, help="All that failed, wait after a try, or were held.")
@click.option("--since", type=_DAY, help="All since a day, those that never came too.")
@_NO_MAIL
@with_appcontext
def replay(event_id: str | None, since: dt.datetime | None, *, failed: bool, no_mail: bool) -> None:
    """Apply Stripe's notices again; harmless, however often."""
    if sum((event_id is not None, failed, since is not None)) != 1:
        raise click.UsageError("give one of --id, --failed and --since")
    till, rules = _till(no_mail=no_mail)

    def wanted() -> Iterator[Replayed]:
        if event_id is not None:
            return _one(till, event_id, rules)
        if since is not None:
            first = since.replace(tzinfo=LONDON)
            return replaying.since(till.gateway, first, rules=rules)
        return replaying.failed(till.gateway, rules=rules)

    count = bad = 0
    for each in _answered(wanted):
        click.echo(f"{each.event_id} {each.type} {each.outcome}")
        count, bad = count + 1, bad + (not each.well)
    click.echo(f"{count} applied again; {bad} failed or held.")
    if bad:
        sys.exit(1)


@click.command("reconcile")
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=7,
    show_default=True,
    help="How many days to look back.",
)
@click.option("--fix", is_flag=True, help="Book what our books lack.")
@_NO_MAIL
@with_appcontext
def reconcile(days: int, *, fix: bool, no_mail: bool) -> None:
    """Compare our books with Stripe's, both ways, object by object."""
    till, rules = _till(no_mail=no_mail)
    since = clock.now() - dt.timedelta(days=days)
    round_ = reconciling.Round(rules, since, fix=fix)
    for page in _answered(lambda: reconciling.walk(till.gateway, round_)):
        for difference in page:
            click.echo(_told(difference))
    tally = round_.tally
    click.echo(
        f"{tally.looked_at} objects of Stripe's looked at, {tally.not_ours} of them not ours; "
        f"{tally.differences} differences, {tally.mended} mended."
    )
    if tally.of_lost_pledges:
        click.echo(
            f"{tally.of_lost_pledges} of those not ours name a pledge that is not in our books: "
            "another use of this Stripe account, or lost with a backup."
        )
    if tally.left:
        sys.exit(1)


def _one(till: Till, event_id: str, rules: settling.Rules) -> Iterator[Replayed]:
    try:
        return replaying.one(till.gateway, event_id, rules=rules)
    except PaymentRefused:
        words = f"There is no event {event_id} here, nor at Stripe, which keeps them for 30 days."
        raise click.ClickException(words) from None


def _till(*, no_mail: bool) -> tuple[Till, settling.Rules]:
    till: Till = current_app.extensions["till"]
    return till, replace(till.rules, letters=till.rules.letters and not no_mail)


def _answered(ask: Callable[[], Iterator[_Each]]) -> Iterator[_Each]:
    """Give what Stripe says, and say in words when it does not."""
    try:
        yield from ask()
    except GatewayUnavailable:
        raise click.ClickException("Stripe does not answer; try again later.") from None
    except PaymentRefused as error:
        raise click.ClickException(f"Stripe refuses to say: {error}.") from None


def _told(difference: Difference) -> str:
    sentence = _SENTENCES[difference.kind].format(
        what=difference.what, name=difference.name, state=difference.state
    )
    own = f" [{difference.pledge_id}]" if difference.pledge_id else ""
    return f"{sentence}{own}{' Mended.' if difference.mended else ''}"
