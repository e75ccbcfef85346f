"""Refusals: how the commands of this room say what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from branches.directory import BadDirectory, Fault
from branches.locator import IndexMissing
from branches.postcodes import NotAnIndex, NotAPostcode


@contextmanager
def refusing() -> Iterator[None]:
    """End with exit code 1 and one line for each thing that is wrong."""
    try:
        yield
    except BadDirectory as bad:
        refuse(*bad.faults)
    except NotAPostcode as fault:
        refuse(f"not a postcode: {fault}")
    except (IndexMissing, NotAnIndex) as fault:
        refuse(f"{fault} (flask branches index build makes one)")
    except (OperationalError, ProgrammingError):
        refuse("the database does not answer, or is not up to date (flask db upgrade)")
    except OSError as fault:
        refuse(f"{fault.filename}: {fault.strerror}")


def refuse(*faults: Fault | str) -> NoReturn:
    """Say each fault on a line of its own, and end with exit code 1."""
    for fault in faults:
        click.echo(str(fault), err=True)
    raise click.exceptions.Exit(1)
