"""Reach: which rows of people the database shows to a transaction, by whoever it is made for.

PostgreSQL holds every transaction to its reach (`core.row_security`), beside the queries of the
desks, which are narrowed already. Outside a request the service asks for itself. Inside one,
nothing is reached until its guard has said who asks: what forgets a guard finds nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import has_request_context, request
from sqlalchemy import Connection
from sqlalchemy.orm import Session, SessionTransaction

_OF_THE_REQUEST = "groundswell.reach"  # in the environ, where no header can write
_OF_THE_SESSION = "reach"
_SET = "SELECT set_config('groundswell.scope', %s, true)"
# A page asks for the beginning of a list, in milliseconds. With policies a query looks dearer to
# PostgreSQL than it is: compiling it takes forty of them, each time anew, and processes that help
# with the whole of it take longer to start than the work takes.
_ALONE = (
    f"{_SET}, set_config('jit', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows of these regions and of these branches, by their ids; or all there are."""

    regions: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()
    everything: bool = False

    def written(self) -> str:
        """Return what the database is told: `everything`, or two arrays of ids, `{1,2}/{3}`."""
        if self.everything:
            return "everything"
        return "/".join(
            f"{{{','.join(str(int(each)) for each in sorted(ids))}}}"
            for ids in (self.regions, self.branches)
        )


EVERYTHING = Reach(everything=True)
NOTHING = Reach()


def ask_for(reach: Reach) -> None:
    """Say who asks, for the rest of this request: said by guards alone."""
    request.environ[_OF_THE_REQUEST] = reach


def now() -> Reach:
    """Return the reach of what is being done at the moment."""
    if not has_request_context():
        return EVERYTHING
    found: Reach = request.environ.get(_OF_THE_REQUEST, NOTHING)
    return found


def for_session() -> dict[str, Reach]:
    """Return what a new session keeps about its reach."""
    return {_OF_THE_SESSION: now()}


def begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tell the database the reach of a transaction that begins; it ends with the transaction."""
    if not transaction.nested:
        _tell(session, connection)


@contextmanager
def as_the_service(session: Session) -> Iterator[None]:
    """Let the service do on its own account what whoever asks does not reach.

    For what a narrow reach must not see and yet has to lead to: a letter in the outbox, a member
    who goes to a region of somebody else. Whether it may be done is decided before. What fails in
    here is undone whole, and the reach is as it was, however it ends.
    """
    before: Reach = session.info[_OF_THE_SESSION]
    if before.everything or not _is_held(session.connection()):
        yield
        return
    with session.begin_nested():  # a setting made in it goes with it where it fails
        try:
            session.info[_OF_THE_SESSION] = EVERYTHING
            _tell(session, session.connection())
            yield
            session.flush()
        finally:
            session.info[_OF_THE_SESSION] = before
        _tell(session, session.connection())


def _tell(session: Session, connection: Connection) -> None:
    reach: Reach | None = session.info.get(_OF_THE_SESSION)
    if reach is not None and _is_held(connection):
        asked = _ALONE if has_request_context() else _SET
        connection.exec_driver_sql(asked, (reach.written(),))


def _is_held(connection: Connection) -> bool:
    """Whether this database knows row-level security; SQLite does not."""
    return connection.dialect.name == "postgresql"
