"""What only grows: the database itself refuses to change what was booked or agreed."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Consents and events go with their person when the law wants it; the ledger never does.
REFUSED = (
    ("ledger_transaction", "update"),
    ("ledger_transaction", "delete"),
    ("ledger_entry", "update"),
    ("ledger_entry", "delete"),
    ("membership_event", "update"),
    ("consent", "update"),
)
WORDS = "this table only grows: add the next row instead"


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"
        )
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if on_postgres
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for table, change in REFUSED:
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def downgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, change in REFUSED:
        op.execute(f"DROP TRIGGER {table}_no_{change}" + (f" ON {table}" if on_postgres else ""))
    if on_postgres:
        op.execute("DROP FUNCTION refuse_change()")
