"""Texts that leave by themselves, the district a text asks about, and the switch of the line."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbound_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcode", sa.String(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_inbound_text_outcode_received_at"),
            ["outcode", "received_at"],
            unique=False,
        )

    op.create_table(
        "outbox_text",
        sa.Column("inbound_text_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inbound_text_id"],
            ["inbound_text.id"],
            name=op.f("fk_outbox_text_inbound_text_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_text")),
        sa.UniqueConstraint("inbound_text_id", name=op.f("uq_outbox_text_inbound_text_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_text_message_id")),
    )
    op.create_index(op.f("ix_outbox_text_due_at"), "outbox_text", ["due_at"], unique=False)

    op.create_table(
        "text_line_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("replies_on", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_text_line_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_line_state")),
    )


def downgrade() -> None:
    op.drop_table("text_line_state")
    op.drop_table("outbox_text")
    with op.batch_alter_table("inbound_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbound_text_outcode_received_at"))
        batch_op.drop_column("outcode")
