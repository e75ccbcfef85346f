"""The desk of today: cards that somebody touched, the steps taken, the words that go with them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

REASONS = "reason IN ('texted', 'joined', 'arrears', 'moved')"
STEPS = "'called', 'left-word', 'will-come', 'not-now', 'wrong-number', 'wrote'"
OF_ONE = (
    "(reason = 'texted') = (enquiry_id IS NOT NULL) AND (member_id IS NULL) <> (enquiry_id IS NULL)"
)
PARTIAL = {
    "ix_follow_up_due": ("follow_up", ["due_at", "id"], "due_at IS NOT NULL"),
    "ix_enquiry_kept": ("enquiry", ["id"], "phone IS NOT NULL"),
    "ix_member_arrears": ("member", ["joined_at", "id"], "state = 'arrears'"),
}
WORDS = "this table only grows: add the next row instead"


def upgrade() -> None:
    with op.batch_alter_table("member_transfer") as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.Uuid(), nullable=True)
    _cards()
    _steps()
    _notes()
    for name, (table, columns, where) in PARTIAL.items():
        only = sa.text(where)
        op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)


def _cards() -> None:
    table = "follow_up"
    moment = sa.DateTime(timezone=True)
    checks = {
        "reason_known": REASONS,
        "of_one": OF_ONE,
        "step_known": f"last_step IS NULL OR last_step IN ({STEPS})",
        "steps_have_a_time": "(last_step IS NULL) = (stepped_at IS NULL)",
        "due_after_a_step": "due_at IS NULL OR last_step IS NOT NULL",
        "claims_have_a_time": "(claimed_by IS NULL) = (claimed_at IS NULL)",
        "version_counts": "version >= 0",
    }
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("enquiry_id", sa.Integer(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("last_step", sa.String(), nullable=True),
        sa.Column("stepped_at", moment, nullable=True),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wrong_phone", sa.String(), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", moment, nullable=True),
        *(
            sa.CheckConstraint(each, name=op.f(f"ck_{table}_{name}"))
            for name, each in checks.items()
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id")),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiry.id"], name=op.f(f"fk_{table}_enquiry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{table}_key")),
    )
    op.create_index(op.f(f"ix_{table}_enquiry_id"), table, ["enquiry_id"])
    columns = ["member_id", "reason", "stepped_at"]
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


def _steps() -> None:
    table = "follow_up_step"
    checks = {
        "step_known": f"step IN ({STEPS}, 'undo')",
        "undoing_names_what": "(step = 'undo') = (undoes_id IS NOT NULL)",
        "days_are_to_come": "day IS NULL OR step = 'will-come'",
    }
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        *(
            sa.CheckConstraint(each, name=op.f(f"ck_{table}_{name}"))
            for name, each in checks.items()
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f(f"fk_{table}_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["follow_up_step.id"],
            name=op.f(f"fk_{table}_undoes_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("undoes_id", name=op.f(f"uq_{table}_undoes_id")),
        sa.UniqueConstraint("nonce", name=op.f(f"uq_{table}_nonce")),
    )
    op.create_index(op.f(f"ix_{table}_follow_up_id"), table, ["follow_up_id"])
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")


def _notes() -> None:
    table = "follow_up_note"
    op.create_table(
        table,
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f(f"ck_{table}_says_something")),
        sa.ForeignKeyConstraint(
            ["step_id"], ["follow_up_step.id"], name=op.f(f"fk_{table}_step_id")
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for name, (table, _columns, _where) in PARTIAL.items():
        op.drop_index(name, table)
    for table in ("follow_up_note", "follow_up_step", "follow_up"):
        op.drop_table(table)
    # Where somebody went by themselves there is nobody's account to name: those rows go.
    op.execute("DELETE FROM member_transfer WHERE account_id IS NULL")
    with op.batch_alter_table("member_transfer") as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.Uuid(), nullable=False)
