"""What the commands have in common: what they are given, and how they refuse."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import BinaryIO, NoReturn, ParamSpec

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from core.commands import visible
from payments import explaining
from payments.models import BankLine
from payments.offline import decoding, entering, undoing
from payments.offline.booking import LooksLike
from payments.offline.commands import words
from payments.offline.deciding import NoSuchLine, NotSo
from payments.running import rules, spelled, today

__all__ = [
    "DAY",
    "GivenUp",
    "examples",
    "give_up_if",
    "in_words",
    "reason",
    "refuse",
    "refusing",
    "rules",
    "spelled",
    "text_of",
    "today",
    "watched",
]
DAY = click.DateTime(["%Y-%m-%d"])
_LONGEST_REASON = 300
_P = ParamSpec("_P")


def in_words(command: Callable[_P, None]) -> Callable[_P, None]:
    """Run a command in the application, with its words in English."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        with force_locale("en_GB"):
            command(*args, **kwargs)

    return with_appcontext(run)


def examples(*lines: str) -> str:
    """Return commands as the help shows them under its text."""
    return "\n".join(["\b", *(f"flask payments offline {line}" for line in lines)])


def refuse(*lines: str) -> NoReturn:
    """Say why not, a line each, and end with 1."""
    for line in lines:
        click.echo(visible(line), err=True)
    sys.exit(1)


def reason(text: str | None) -> str:
    """Return a reason that can be kept, or end in words."""
    found = (text or "").strip()
    if not found:
        raise click.UsageError("--why needs a reason")
    if len(found) > _LONGEST_REASON or entering.unshowable(found):
        refuse(_("The reason is too long, or holds characters that cannot be shown."))
    return found


def text_of(file: BinaryIO) -> str:
    """Return the text of a file, or end in words."""
    try:
        return decoding.text_of(file.read(decoding.MOST_BYTES + 1))
    except decoding.Unreadable as error:
        refuse(str(words.UNREADABLE[error.why]))


@contextmanager
def refusing() -> Iterator[None]:
    """Put what cannot be done with a payment or a line into words, and end with 1."""
    try:
        yield
    except explaining.NoSuchPayment:
        refuse(_("We have no single payment with this id."))
    except NoSuchLine:
        refuse(_("There is no line of this number."))
    except NotSo as error:
        refuse(_("Nothing has changed: %(why)s.", why=str(words.NOT_SO[error.why])))
    except undoing.NotOffline:
        refuse(_("It came through Stripe: flask payments refund gives it back."))
    except undoing.AlreadyUndone:
        refuse(_("It was undone before; nothing has changed."))
    except undoing.BeforeItCame:
        refuse(_("It cannot be undone on a day before it was received, or on one to come."))
    except (LooksLike, IntegrityError):
        refuse(_("Somebody decides the same at this moment; look again."))


class GivenUp(Exception):
    """What was only tried is given up again."""


def give_up_if(*, dry_run: bool) -> None:
    """End a transaction that was only tried, so that nothing of it is kept.

    Raises:
        GivenUp: where it was.
    """
    if dry_run:
        raise GivenUp


def watched(lines: Sequence[BankLine]) -> Iterator[BankLine]:
    """Hand on the lines that are booked, and show on a terminal how far it is."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(lines, label=_("Booking"), file=sys.stderr, hidden=hidden) as bar:
        yield from bar
