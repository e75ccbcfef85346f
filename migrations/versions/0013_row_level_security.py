"""How far a transaction reaches, for the policies of `migrations/walls.py` (PostgreSQL)."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# `groundswell.scope` is 'everything', or two arrays of ids, '{1,2}/{3}'; after a transaction that
# had it, it is empty. CASE, for the planner may work any of it out before its time.
SCOPE = "current_setting('groundswell.scope', true)"
PART = "CASE WHEN {scope} LIKE '{{%%/{{%%' THEN split_part({scope}, '/', {part})::integer[] END"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _function("scope_is_everything", "boolean", f"coalesce({SCOPE} = 'everything', false)")
    for part, name in enumerate(("scope_regions", "scope_branches"), start=1):
        _function(name, "integer[]", PART.format(scope=SCOPE, part=part))


def _function(name: str, kind: str, found: str) -> None:
    op.get_bind().exec_driver_sql(
        f"CREATE FUNCTION {name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE"
        f" AS $$ SELECT {found} $$"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("""
        DO $$ DECLARE found record; BEGIN
          FOR found IN SELECT polrelid::regclass AS name FROM pg_policy WHERE polname = 'scope' LOOP
            EXECUTE format('DROP POLICY scope ON %s', found.name);
            EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, '
                           'DISABLE ROW LEVEL SECURITY', found.name);
          END LOOP;
          FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
            WHERE pronamespace = current_schema()::regnamespace AND (proname LIKE 'in\\_scope\\_%'
              OR proname IN ('scope_is_everything', 'scope_regions', 'scope_branches')) LOOP
            EXECUTE format('DROP FUNCTION %s', found.name);
          END LOOP;
        END $$
    """)
