"""The wall of messages, and what moderators decided."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"
CAN_BE_SHOWN = "state = 'paid' AND message != '' AND appeal_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "wall_entry",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('approved', 'hidden')", name=op.f("ck_wall_entry_state_known")
        ),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_wall_entry_appeal_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_wall_entry_pledge_id")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_wall_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_wall_entry_public_id")),
    )
    op.create_index(
        op.f("ix_wall_entry_appeal_id_state_given_at_public_id"),
        "wall_entry",
        ["appeal_id", "state", "given_at", "public_id"],
    )
    op.create_table(
        "message_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approve', 'hide', 'undo')",
            name=op.f("ck_message_decision_decision_known"),
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_message_decision_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_decision")),
    )
    op.create_index(op.f("ix_message_decision_pledge_id"), "message_decision", ["pledge_id"])
    op.create_index(
        "ix_pledge_with_message",
        "pledge",
        ["created_at", "id"],
        sqlite_where=sa.text(CAN_BE_SHOWN),
        postgresql_where=sa.text(CAN_BE_SHOWN),
    )
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER message_decision_no_{change} BEFORE {change} ON message_decision "
            f"{refuse}"
        )


def downgrade() -> None:
    op.drop_index("ix_pledge_with_message", "pledge")
    op.drop_table("message_decision")  # and its triggers
    op.drop_table("wall_entry")
