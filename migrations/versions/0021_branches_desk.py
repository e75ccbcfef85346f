"""The desk of branches: what was confirmed, and changes of the directory that members follow."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "branch_confirmation"
    op.create_table(
        table,
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f(f"fk_{table}_branch_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f(f"fk_{table}_account_id")
        ),
        sa.PrimaryKeyConstraint("branch_id", name=op.f(f"pk_{table}")),
    )
    for column in ("account_id", "counted_from"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    _changes()


def _changes() -> None:
    table = "directory_change"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_from", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "files IS NULL OR applied_at IS NULL", name=op.f(f"ck_{table}_applied_files_are_gone")
        ),
        sa.CheckConstraint(
            "files IS NOT NULL OR applied_at IS NOT NULL",
            name=op.f(f"ck_{table}_prepared_by_files"),
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR applied_at IS NOT NULL", name=op.f(f"ck_{table}_done_once_applied")
        ),
        sa.CheckConstraint("moved >= 0", name=op.f(f"ck_{table}_moved_counted")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f(f"fk_{table}_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])
    op.create_index(op.f(f"ix_{table}_done_at_made_from"), table, ["done_at", "made_from"])


def downgrade() -> None:
    for table in ("directory_change", "branch_confirmation"):
        op.drop_table(table)
