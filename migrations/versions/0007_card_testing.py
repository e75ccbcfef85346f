"""The defence against card testing: its state, what it has seen, and what was put aside."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "defence_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("attack_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("hot_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_defence_state_one_row")),
        sa.CheckConstraint(
            "mode IN ('auto', 'on', 'off')", name=op.f("ck_defence_state_mode_known")
        ),
        sa.CheckConstraint(
            "because IN ('declines', 'rush')", name=op.f("ck_defence_state_because_known")
        ),
        sa.CheckConstraint(
            "(attack_since IS NULL) = (because IS NULL)"
            " AND (attack_since IS NULL) = (hot_at IS NULL)",
            name=op.f("ck_defence_state_attack_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defence_state")),
    )
    op.create_table(
        "defence_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("declines", sa.Integer(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "what IN ('auto', 'on', 'off', 'seen', 'over')",
            name=op.f("ck_defence_change_what_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defence_change")),
    )
    op.create_index(op.f("ix_defence_change_at"), "defence_change", ["at"])
    op.create_table(
        "defence_tally",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("aside", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", name=op.f("pk_defence_tally")),
    )
    op.create_table(
        "declined_try",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_declined_try")),
    )
    op.create_index(op.f("ix_declined_try_at"), "declined_try", ["at"])
    op.create_table(
        "quarantine",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed", sa.String(), nullable=True),
        sa.CheckConstraint(
            "because IN ('address', 'email', 'in-all')", name=op.f("ck_quarantine_because_known")
        ),
        sa.CheckConstraint(
            "closed IN ('expired', 'paid', 'written-for-another', 'erased')",
            name=op.f("ck_quarantine_closed_known"),
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_quarantine_pledge_id")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_kept_at"), "quarantine", ["kept_at"])
    op.create_index(
        op.f("ix_quarantine_written_at_kept_at"), "quarantine", ["written_at", "kept_at"]
    )


def downgrade() -> None:
    for table in (
        *("quarantine", "declined_try", "defence_tally", "defence_change", "defence_state"),
    ):
        op.drop_table(table)
