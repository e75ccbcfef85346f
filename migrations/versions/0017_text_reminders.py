"""Texts that answer no text, and an index for each key by which a person's rows are found."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Foreign keys that stood at the head of no index: whoever walks from a person to their rows, or
# deletes one, looked through the whole table.
FOUND = (
    ("appeal_donor", "transaction_id"),
    ("bank_decision", "payment_id"),
    ("bank_rule", "payment_id"),
)


def upgrade() -> None:
    with op.batch_alter_table("outbox_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("forget_on", sa.Date(), nullable=True))
        batch_op.alter_column("inbound_text_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_outbox_text_key"), ["key"])
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_text_reply_or_notice"),
            "(key IS NULL) = (inbound_text_id IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_text_replies_go_with_their_text"),
            "key IS NOT NULL OR forget_on IS NULL",
        )
        for column in ("recipient", "forget_on"):
            batch_op.create_index(batch_op.f(f"ix_outbox_text_{column}"), [column], unique=False)
    for table, column in FOUND:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    for table, column in FOUND:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.execute("DELETE FROM outbox_text WHERE inbound_text_id IS NULL")
    with op.batch_alter_table("outbox_text", schema=None) as batch_op:
        for column in ("recipient", "forget_on"):
            batch_op.drop_index(batch_op.f(f"ix_outbox_text_{column}"))
        for name in ("reply_or_notice", "replies_go_with_their_text"):
            batch_op.drop_constraint(batch_op.f(f"ck_outbox_text_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_outbox_text_key"), type_="unique")
        batch_op.alter_column("inbound_text_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("forget_on")
        batch_op.drop_column("key")
