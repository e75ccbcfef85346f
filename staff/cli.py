"""The commands of this room: `flask staff …`."""

from collections.abc import Iterable, Sequence

import click

from core import clock
from core.addresses import EmailAddress, NotAnEmailAddress
from core.commands import PlainGroup, visible
from core.database import transaction
from staff import accounts, inviting
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
