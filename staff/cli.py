"""The commands of this room: `flask staff …`."""

from collections.abc import Iterable, Sequence

import click

from core import clock
from core.addresses import EmailAddress, NotAnEmailAddress
from core.commands import PlainGroup, visible
from core.database import reading, transaction
from staff import accounts, counting, inviting, seats
from staff.accounts import LastAdmin, NoScope, Post
from staff.places import Place
from staff.principal import Role
from staff.room import room

staff = PlainGroup("staff", help="Who may sit at the desk.")


@staff.command("invite")
@click.argument("email", metavar="EMAIL")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--region", "regions", metavar="R", multiple=True, help="Slug; for an organiser.")
@click.option("--branch", "branches", metavar="B", multiple=True, help="Slug; for an organiser.")
def invite(email: str, role: str, regions: Sequence[str], branches: Sequence[str]) -> None:
    """Mail EMAIL a link that works once, to set a password and an authenticator.

    Whoever has an account is given this role and scope, and begins again by the link.
    """
    address, known = _address(email), room().places
    try:
        with transaction() as session:
            post = Post(
                Role(role),
                _ids(regions, known.regions(session), "region"),
                _ids(branches, known.branches(session), "branch"),
            )
            inviting.invite(session, address, post, by=None, now=clock.now())
    except NoScope:
        raise click.UsageError(
            "An organiser needs --region or --branch; nobody else has any."
        ) from None
    except LastAdmin:
        raise click.ClickException("This is the only admin there is. Make another first.") from None
    click.echo(f"A link for {visible(address.text)} is on its way. It works for three days, once.")


@staff.command("revoke")
@click.argument("email", metavar="EMAIL")
def revoke(email: str) -> None:
    """Take the account of EMAIL back, at once and everywhere."""
    address = _address(email)
    try:
        with transaction() as session:
            account = accounts.by_email(session, address.key)
            if account is None:
                raise click.ClickException("Nobody of that address has an account.")
            accounts.revoke(session, account, by=None, now=clock.now())
            inviting.void(session, account.id, now=clock.now())
    except LastAdmin:
        raise click.ClickException("This is the only admin there is. Make another first.") from None
    click.echo(f"{visible(address.text)} can sign in no more.")


@staff.command("numbers")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where not all agrees.")
def numbers(*, check: bool) -> None:
    """Count the desk's numbers anew, and say how many were not as they should be."""
    here, now = room(), clock.now()
    if check:
        found = counting.differences(here.series, now=now)
        changed = {name: len(keys) for name, keys in found.items()}
    else:
        changed = counting.count_all(here.series, now=now)
    for name, rows in changed.items():
        click.echo(f"{rows:>8}  {name}")
    if check and any(changed.values()):
        raise click.ClickException("Not everything that is kept agrees with what happened.")


@staff.command("sample-seats")
@click.option("--region", metavar="R", help="Slug; the organiser's. The first one if not given.")
def sample_seats(region: str | None) -> None:
    """Make four accounts to look around with: an organiser's and one of each other role.

    For development alone: everybody knows their passwords.
    """
    _only_in_development()
    try:
        with transaction() as session:
            known = room().places.regions(session)
            chosen = _ids([region], known, "region") if region else [each.id for each in known[:1]]
            if not chosen:
                raise click.ClickException("There is no region yet: load the directory first.")
            made = seats.make(session, min(chosen), keys=room().keys, now=clock.now())
    except seats.SomebodyElses:
        raise click.ClickException("Somebody has an account of a seat's address.") from None
    click.echo(f"{made} made." if made else "They are there already.")


@staff.command("sample-codes")
@click.option("--if-there", is_flag=True, help="Say nothing where there are none, and exit 0.")
def sample_codes(*, if_there: bool) -> None:
    """Print what opens the seats of the sample, with their codes of this moment."""
    _only_in_development()
    with reading() as session:
        found = seats.codes(session, now=clock.now())
    if not found and not if_there:
        raise click.ClickException("There are none: flask --app wsgi staff sample-seats")
    for each in found:
        click.echo(f"{each.role:<10}  {each.email:<28}  {each.password}  {each.code}")


def _only_in_development() -> None:
    if not room().development:
        raise click.ClickException("This is for development: everybody knows these passwords.")


def _address(text: str) -> EmailAddress:
    try:
        return EmailAddress.parse(text)
    except NotAnEmailAddress:
        raise click.BadParameter("That is not an e-mail address.", param_hint="EMAIL") from None


def _ids(slugs: Iterable[str], known: Iterable[Place], kind: str) -> frozenset[int]:
    by_slug = {each.slug: each.id for each in known}
    unknown = sorted(slug for slug in slugs if slug not in by_slug)
    if unknown:
        names = ", ".join(visible(slug) for slug in unknown)
        raise click.UsageError(f"No {kind} at work is called so: {names}")
    return frozenset(by_slug[slug] for slug in slugs)
