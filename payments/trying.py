"""Trying work that others wait behind: what fails is put off, and the others are done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from core import clock, leasing
from core.database import transaction

_log = logging.getLogger(__name__)


@contextmanager
def put_off_if_it_fails(kind: type[leasing.Leased], row_id: int) -> Iterator[None]:
    """Let the block do one row's work; a fault in it is logged, and the row tried again later.

    Without this, the rows claimed with a faulty one would be claimed with it for ever, and those
    behind it never be done.

    Raises:
        OperationalError: the database is away; then everything waits.
    """
    try:
        yield
    except OperationalError:
        raise
    except Exception as fault:  # noqa: BLE001 -- whatever it is, the others must not wait for it
        _log.exception("work not done", extra={"kind": kind.__name__})
        with transaction() as session:
            leasing.put_off(session, kind, row_id, type(fault).__name__, now=clock.now())
