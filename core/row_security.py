"""Row-level security in PostgreSQL: policies that hold whatever a query forgot to ask for.

Which table is behind which wall is written down in `migrations/walls.py`. After each migration
`build` makes the database agree with it, and `grant` gives the service's role what it needs and no
more. How far a transaction reaches is told by `core.reach`; one that was told nothing reaches
nothing. (postgresql.org/docs/current/ddl-rowsecurity.html)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

_POLICY = "scope"
_EVERYTHING = "(SELECT scope_is_everything())"  # in a query of its own: asked once, not a row
_KEPT_TO_OURSELVES = "alembic_version"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row is seen by who looks after its region or its branch, by its columns of ids."""

    region: str = "region_id"
    branch: str = "branch_id"

    def condition(self) -> str:
        """Return what holds for rows in reach."""
        # The extra brackets make an array of the query, where ANY would take its rows.
        return (
            f"{self.region} = ANY ((SELECT scope_regions())::integer[])"
            f" OR {self.branch} = ANY ((SELECT scope_branches())::integer[])"
        )


@dataclass(frozen=True, slots=True)
class Through:
    """A row is seen by who sees the row of `table` whose `key` it names in `column`, or in each.

    It is asked by a function: spelled out, the conditions of tables behind tables would be planned
    anew in every query, for those too who see everything.
    """

    table: str
    column: str
    also: str = ""
    key: str = "id"

    def condition(self) -> str:
        """Return what holds for rows in reach."""
        named = (self.column, self.also) if self.also else (self.column,)
        return " AND ".join(f"{self.function()}({each})" for each in named)

    def function(self) -> str:
        """Return the name of the function that looks for the other row."""
        return f"in_scope_{self.table}_{self.key}"


@dataclass(frozen=True, slots=True)
class Withheld:
    """No row is seen but by who reaches everything."""

    def condition(self) -> str:
        """Return what holds for rows in reach: nothing."""
        return "false"


Wall = Placed | Through | Withheld
Walls = Mapping[str, Wall]


def build(connection: Connection, walls: Walls) -> None:
    """Make the policies of this database those of `walls`, as far as there are such tables.

    What is as it should be is not touched, for who alters a table locks it.
    """
    there = set(_column(connection, _THERE))
    standing = {name: wall for name, wall in walls.items() if name in there}
    for wall in standing.values():
        if isinstance(wall, Through) and wall.table in there:
            _make_function(connection, wall)
    have = _built(connection)
    for name in have.keys() - standing.keys():
        _run(connection, f"DROP POLICY IF EXISTS {_POLICY} ON {_quoted(connection, name)}")
        _run(connection, f"ALTER TABLE {_quoted(connection, name)} DISABLE ROW LEVEL SECURITY")
    for name, wall in standing.items():
        using = f"{_EVERYTHING} OR {wall.condition()}"
        if have.get(name) != using:
            _make_policy(connection, _quoted(connection, name), using)


def grant(connection: Connection, role: str) -> None:
    """Give a role what the service needs: rows of every table, and no table itself.

    What a trigger refuses (`<table>_no_update`, `<table>_no_delete`) is not granted either, so
    what only grows is behind two walls as well.
    """
    who, schema = _quoted(connection, role), _column(connection, "SELECT current_schema()")[0]
    within = f"IN SCHEMA {_quoted(connection, schema)}"
    _run(connection, f"GRANT USAGE ON SCHEMA {_quoted(connection, schema)} TO {who}")
    _run(connection, f"REVOKE ALL ON ALL TABLES {within} FROM {who}")
    _run(connection, f"GRANT SELECT ON ALL TABLES {within} TO {who}")
    _run(connection, f"GRANT USAGE, SELECT ON ALL SEQUENCES {within} TO {who}")
    for right in ("INSERT", "UPDATE", "DELETE"):
        names = _column(connection, _CHANGEABLE, (right.lower(), _KEPT_TO_OURSELVES))
        tables = ", ".join(_quoted(connection, each) for each in names)
        _run(connection, f"GRANT {right} ON {tables} TO {who}")


def whoever(connection: Connection) -> str:
    """Return the role that this connection has."""
    return _column(connection, "SELECT current_user")[0]


def faults(connection: Connection) -> list[str]:
    """Return why the policies do not hold for this connection: words of ours, without values."""
    return [fault for fault, asked in _FAULTS.items() if connection.exec_driver_sql(asked).scalar()]


def owns(connection: Connection) -> bool:
    """Whether the role of this connection owns tables, and so could take policies away."""
    return bool(connection.exec_driver_sql(_OWNS).scalar())


_THERE = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"""
_CHANGEABLE = """
    SELECT relname FROM pg_class t
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_trigger g
                    WHERE g.tgrelid = t.oid AND g.tgname = t.relname || '_no_' || %s)
    AND relname <> %s ORDER BY relname"""
_BUILT = """
    SELECT relname, CASE WHEN relforcerowsecurity AND relrowsecurity
                         THEN obj_description(p.oid, 'pg_policy') END AS "using"
    FROM pg_class t JOIN pg_policy p ON p.polrelid = t.oid
    WHERE polname = 'scope' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace"""
_OWNS = """
    SELECT EXISTS (SELECT FROM pg_class
                   WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                   AND pg_has_role(current_user, relowner, 'USAGE'))"""
_FAULTS = {
    "its role is a superuser, for whom no policy holds":
        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
    "its role has BYPASSRLS, so no policy holds for it":
        "SELECT rolbypassrls AND NOT rolsuper FROM pg_roles WHERE rolname = current_user",
    "there are no policies: flask --app wsgi db upgrade":
        "SELECT NOT EXISTS (SELECT FROM pg_policy WHERE polname = 'scope')",
    "there are policies that are not in force: flask --app wsgi db upgrade":
        "SELECT EXISTS (SELECT FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid WHERE"
        " polname = 'scope' AND NOT (relrowsecurity AND relforcerowsecurity))",
}  # fmt: skip


def _make_function(connection: Connection, wall: Through) -> None:
    """Make the function that says whether whoever asks sees a row of a table by its key.

    It runs with the rights of who asks, so the policy of that table decides. Some four
    microseconds: what PostgreSQL takes it to cost by itself, so that plans avoid needless calls.
    """
    table = _quoted(connection, wall.table)
    schema = _quoted(connection, _column(connection, "SELECT current_schema()")[0])
    _run(
        connection,
        f"CREATE OR REPLACE FUNCTION {wall.function()}(named {table}.{wall.key}%TYPE)"
        " RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN"
        f" RETURN EXISTS (SELECT FROM {schema}.{table} WHERE {wall.key} = named); END $$",
    )


def _make_policy(connection: Connection, table: str, using: str) -> None:
    _run(connection, f"DROP POLICY IF EXISTS {_POLICY} ON {table}")
    _run(connection, f"CREATE POLICY {_POLICY} ON {table} USING ({using})")
    _run(connection, f"COMMENT ON POLICY {_POLICY} ON {table} IS '{using}'")
    _run(connection, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def _built(connection: Connection) -> dict[str, str | None]:
    """Return the tables with a policy of ours, and what it says while it is in force."""
    return {row.relname: row.using for row in connection.exec_driver_sql(_BUILT)}


def _column(connection: Connection, asked: str, values: Sequence[str] = ()) -> list[str]:
    return list(connection.exec_driver_sql(asked, tuple(values)).scalars())


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))
