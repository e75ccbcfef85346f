"""The money desk: wishes to give money back that wait for a second person; finding by amount."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE = "refund_wish"
CHECKS = {
    "amount_positive": "amount_pence > 0",
    "reason_given": "why <> ''",
    "state_known": "state IN ('waiting', 'granted', 'refused')",
    "decided_or_waiting": "(state = 'waiting') = (decided_at IS NULL)",
    "granted_is_asked": "(state = 'granted') = (request_id IS NOT NULL)",
    "two_people": "state <> 'granted' OR NOT needs_second "
    "OR (decided_by IS NOT NULL AND decided_by <> asked_by)",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("form_nonce", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(check, name=op.f(f"ck_{TABLE}_{name}"))
            for name, check in CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f(f"fk_{TABLE}_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["refund_request.id"], name=op.f(f"fk_{TABLE}_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("form_nonce", name=op.f(f"uq_{TABLE}_form_nonce")),
        sa.UniqueConstraint("request_id", name=op.f(f"uq_{TABLE}_request_id")),
    )
    op.create_index(op.f(f"ix_{TABLE}_payment_id"), TABLE, ["payment_id"])
    op.create_index(
        "uq_refund_wish_one_waits",
        TABLE,
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_payment_amount_pence_paid_at"), "payment", ["amount_pence", "paid_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_payment_amount_pence_paid_at"), "payment")
    op.drop_table(TABLE)
