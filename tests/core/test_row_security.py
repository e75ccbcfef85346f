"""The second wall: whatever a query forgets, PostgreSQL shows no row out of reach."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError

from config import Settings
from core import row_security, schema
from core.database import Base, Database
from core.reach import EVERYTHING, Reach
from core.row_security import Placed, Through, Withheld
from migrations.walls import OPEN, WALLS
from tests.core.serving import make_app
from tests.postgres import OWNER, SERVICE, SUPERUSER, owner, role

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
MINE, THEIRS, NEW = 1, 2, 3
BOTH, NONE = frozenset({MINE, THEIRS}), frozenset[int]()
TABLES = Base.metadata.tables


# Every table


def test_every_table_is_behind_a_wall_or_open_for_a_reason(database: Database) -> None:
    assert sorted([*WALLS, *OPEN]) == sorted(TABLES)
    assert min(map(len, OPEN.values())) > len("of nobody")


def test_no_table_that_names_a_person_or_a_place_is_open_by_accident(database: Database) -> None:
    of_people = {"branch_id", "email", "member_id", "payment_id", "phone", "region_id"}
    named = {name for name in OPEN if of_people & set(TABLES[name].columns.keys())}

    assert named == {
        *("branch", "branch_confirmation", "catchment", "region"),
        *("ledger_transaction", "payout_line"),
        *("staff_account", "staff_scope"),
    }


def test_every_wall_is_in_force_for_owners_too(database: Database) -> None:
    with database.engine.connect() as connection:
        there = connection.exec_driver_sql(
            "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
            " WHERE relrowsecurity AND relforcerowsecurity AND polcmd = '*' AND polpermissive"
        )
        assert sorted(there.scalars()) == sorted(WALLS)
        assert row_security.faults(connection) == []


def test_the_service_is_nobody_special_and_changes_no_table(database: Database) -> None:
    with database.engine.connect() as connection:
        assert row_security.whoever(connection) == SERVICE
        assert not row_security.owns(connection)
        rights = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
        asked = f"SELECT {rights} FROM pg_roles WHERE rolname = current_user"  # noqa: S608 -- ours
        assert connection.exec_driver_sql(asked).scalar() is False
    for statement in (
        "CREATE TABLE mine (id int)",
        "ALTER TABLE member DISABLE ROW LEVEL SECURITY",
        "DROP POLICY scope ON member",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "TRUNCATE outbox_mail",
        "UPDATE alembic_version SET version_num = '0001'",
        "SET row_security = off; SELECT * FROM member",
        f"SET ROLE {OWNER}",
    ):
        assert refused(database, statement), statement


def test_what_only_grows_can_be_changed_by_no_right(database: Database) -> None:
    with database.engine.connect() as connection:
        without = {
            right: {
                table
                for table in TABLES
                if not connection.scalar(
                    text("SELECT has_table_privilege(:table, :right)"),
                    {"table": table, "right": right},
                )
            }
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
        }
    assert without["SELECT"] == without["INSERT"] == set()
    assert without["DELETE"] >= {"audit_entry", "erasure", "ledger_entry", "ledger_transaction"}
    assert without["UPDATE"] >= without["DELETE"] | {"consent", "declaration", "membership_event"}
    assert without["DELETE"].isdisjoint({"consent", "declaration", "member", "membership_event"})


def refused(database: Database, statement: str) -> str:
    """Return the words in which PostgreSQL refuses a statement, empty where it does not."""
    try:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return str(error.orig)
    return ""


# Every row


@pytest.fixture
def crowd(database: Database) -> Iterator[Connection]:
    """Rows 1 and 2 in every table behind a wall, each of the person and the place of its number.

    Nothing but keys is in them; what else the tables ask for is waived, and all of it undone. Then
    the connection is the service's.
    """
    with role(database.engine.url, SUPERUSER).connect() as connection, connection.begin() as undone:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in WALLS:
            _waive(connection, TABLES[name])
            for number in (MINE, THEIRS):
                connection.execute(_insertion(name, number))
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
        connection.exec_driver_sql(f"SET LOCAL ROLE {SERVICE}")
        yield connection
        undone.rollback()


def test_a_transaction_that_was_told_nothing_sees_no_row(crowd: Connection) -> None:
    assert shown(crowd) == dict.fromkeys(WALLS, NONE)


def test_the_service_itself_sees_every_row(crowd: Connection) -> None:
    narrow(crowd, EVERYTHING)
    assert shown(crowd) == dict.fromkeys(WALLS, BOTH)


@pytest.mark.parametrize(
    "reach_of", [lambda ids: Reach(regions=ids), lambda ids: Reach(branches=ids)]
)
def test_who_looks_after_a_place_sees_its_rows_alone(
    crowd: Connection, reach_of: Callable[[frozenset[int]], Reach]
) -> None:
    for number in (MINE, THEIRS):
        narrow(crowd, reach_of(frozenset({number})))
        for name, wall in WALLS.items():
            mine = set() if isinstance(wall, Withheld) else {number}
            assert seen(crowd, name) == mine, name
    narrow(crowd, reach_of(frozenset({NEW})))
    assert shown(crowd) == dict.fromkeys(WALLS, NONE)


def test_nothing_is_written_out_of_reach(crowd: Connection) -> None:
    narrow(crowd, Reach(frozenset({MINE}), frozenset({MINE})))
    for name in WALLS:
        said = refusal(crowd, _insertion(name, NEW))
        assert f'new row violates row-level security policy for table "{name}"' in said, name
        theirs = _key(name) == _number(_key(name), THEIRS)
        for change in (
            TABLES[name].update().values({_key(name): _key(name)}),
            TABLES[name].delete(),
        ):
            said = refusal(crowd, change.where(theirs))
            assert said in ("", f"permission denied for table {name}"), name
    assert shown(crowd) == {
        name: set() if isinstance(wall, Withheld) else {MINE} for name, wall in WALLS.items()
    }
    narrow(crowd, EVERYTHING)
    assert shown(crowd) == dict.fromkeys(WALLS, BOTH)


def test_rubbish_reaches_nothing(crowd: Connection) -> None:
    for told in ("", "{}/{}", "every", "{1}", "{1,2/{}", "everything ", "*", "{1};/{"):
        crowd.execute(_TELL, {"told": told})
        said = refusal(crowd, sa.select(TABLES["member"]))
        assert said.startswith("malformed array literal") or not seen(crowd, "member"), told


_TELL = text("SELECT set_config('groundswell.scope', :told, true)")


def narrow(connection: Connection, to: Reach) -> None:
    connection.execute(_TELL, {"told": to.written()})


def seen(connection: Connection, name: str) -> set[int]:
    """Return the numbers of the rows that a table shows to who asks for all of it."""
    rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()  # noqa: S608 -- ours
    key = _key(name)
    numbers = {_number(key, each): each for each in (MINE, THEIRS, NEW)}
    return {numbers[row[key.name]] for row in rows}


def shown(connection: Connection) -> dict[str, set[int]]:
    return {name: seen(connection, name) for name in WALLS}


def refusal(connection: Connection, statement: sa.Executable) -> str:
    with connection.begin_nested() as undone:
        try:
            connection.execute(statement).close()
        except DBAPIError as error:
            return str(error.orig)
        finally:
            undone.rollback()
    return ""


def _waive(connection: Connection, table: Table) -> None:
    """Ask nothing of a table's rows but their keys."""
    for each in table.constraints:
        if isinstance(each, sa.CheckConstraint):
            connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{each.name}"')
    for column in table.columns:
        if not column.nullable and not column.primary_key:
            connection.exec_driver_sql(
                f'ALTER TABLE "{table.name}" ALTER "{column.name}" DROP NOT NULL'
            )


def _insertion(name: str, number: int) -> sa.Insert:
    """Return the insertion of a row that says but one thing in all its keys: its number."""
    wall, table = WALLS[name], TABLES[name]
    keys = {each.name for each in table.primary_key}
    if isinstance(wall, Placed):
        keys |= {wall.region, wall.branch}
    if isinstance(wall, Through):
        keys |= {wall.column, wall.also} - {""}
    for other in WALLS.values():
        if isinstance(other, Through) and other.table == name:
            keys.add(other.key)
    bare = sa.table(name, *(sa.column(key, table.c[key].type) for key in keys))  # no defaults
    return bare.insert().values({key: _number(table.c[key], number) for key in keys})


def _key(name: str) -> sa.Column[Any]:
    return TABLES[name].primary_key.columns[0]


def _number(column: sa.Column[Any], number: int) -> uuid.UUID | int | str:
    """Return a number as this column holds it."""
    kind = column.type.python_type
    found: uuid.UUID | int | str = kind(int=number) if kind is uuid.UUID else kind(number)
    return found


# Every installation


def test_the_walls_can_be_taken_down_and_built_again(database: Database) -> None:
    with owner(database.engine).connect() as connection, connection.begin() as undone:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
        assert connection.exec_driver_sql(_OURS).all() == []
        command.upgrade(config, "head")
        assert row_security.faults(connection) == []
        assert len(connection.exec_driver_sql(_OURS).all()) > len(WALLS)
        undone.rollback()


_OURS = """
    SELECT polrelid::regclass::text FROM pg_policy WHERE polname = 'scope'
    UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^(in_)?scope_'
    UNION ALL SELECT relname FROM pg_class WHERE relrowsecurity"""


def test_an_operator_makes_two_roles_and_is_told_where_one_is_too_much(
    database: Database, settings: Settings
) -> None:
    with role(database.engine.url, SUPERUSER).connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.exec_driver_sql(f"CREATE DATABASE another OWNER {OWNER}")
    for _time in range(2):
        assert _flask(settings, database, SERVICE, "upgrade") == (
            0,
            f"The schema is at {schema.newest()}.\n",
        )
    assert _flask(settings, database, SERVICE, "check") == (0, "Row-level security holds.\n")
    code, said = _flask(settings, database, SERVICE, "upgrade", by=SERVICE)
    assert (code, said.count("\n"), "must be their owner's" in said) == (1, 1, True)
    code, said = _flask(settings, database, OWNER, "check")
    assert (code, "the service owns its tables" in said) == (0, True)
    code, said = _flask(settings, database, SUPERUSER, "check")
    assert (code, "its role is a superuser" in said) == (1, True)


def _flask(
    settings: Settings, database: Database, name: str, what: str, by: str = OWNER
) -> tuple[int, str]:
    """Run `flask db` on the other database, the service as the role of this name."""
    urls = {each: database.engine.url.set(username=each, database="another") for each in (name, by)}
    service = Database(urls[name].render_as_string(hide_password=False))
    owners = urls[by].render_as_string(hide_password=False)
    app = make_app(settings, service, migration_database_url=owners)
    result = app.test_cli_runner().invoke(args=["db", what])
    service.engine.dispose()
    return result.exit_code, result.output
