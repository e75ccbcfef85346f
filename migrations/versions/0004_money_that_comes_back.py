"""Refunds, disputes and payouts; a ledger that holds more than one payment's movements."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ACCOUNTS_BEFORE = ("stripe", "gifts", "dues", "fees")
ACCOUNTS = ("stripe", "bank", "cash", "gifts", "dues", "fees", "disputed", "other")
MOVEMENTS = (
    "payment",
    "fee",
    "refund",
    "refund-failed",
    "dispute",
    "dispute-won",
    "dispute-money",
    "dispute-fee",
    "payout",
    "payout-failed",
    "line",
    "offline",
)
DISPUTE_STATUSES = (
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "prevented",
    "won",
    "lost",
)
GUARDED = [
    (table, change)
    for table in ("ledger_transaction", "ledger_entry")
    for change in ("update", "delete")
]
WORDS = "this table only grows: add the next row instead"


WHO_GAVE_BEFORE = """
    INSERT INTO appeal_donor (key, appeal_id, transaction_id)
    SELECT pledge.appeal_id || ':' || pledge.email_key, pledge.appeal_id,
      min(ledger_transaction.id)
    FROM ledger_transaction
    JOIN payment ON payment.id = ledger_transaction.payment_id
    JOIN pledge ON pledge.id = payment.pledge_id
    WHERE ledger_transaction.kind = 'payment' AND pledge.appeal_id IS NOT NULL
    GROUP BY pledge.appeal_id, pledge.email_key
"""


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def open_ledger() -> bool:
    """Lift the guard for this migration alone; SQLite loses it with the table in any case."""
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, change in GUARDED:
        op.execute(f"DROP TRIGGER {table}_no_{change}" + (f" ON {table}" if on_postgres else ""))
    return on_postgres


def close_ledger(*, on_postgres: bool) -> None:
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if on_postgres
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for table, change in GUARDED:
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def upgrade() -> None:
    on_postgres = open_ledger()
    colon = "position(':' in key)" if on_postgres else "instr(key, ':')"
    make_tables()
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_ledger_entry_account_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_ledger_entry_account_known"), one_of("account", ACCOUNTS)
        )
        batch_op.drop_index(batch_op.f("ix_ledger_entry_appeal_id_account"))
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_appeal_id_account_transaction_id"),
            ["appeal_id", "account", "transaction_id"],
            unique=False,
        )

    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=True))
        batch_op.alter_column("payment_id", existing_type=sa.Uuid(), nullable=True)
    op.execute(f"UPDATE ledger_transaction SET kind = substr(key, 1, {colon} - 1)")
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(), nullable=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_ledger_transaction_kind_known"), one_of("kind", MOVEMENTS)
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_transaction_moved_at"), ["moved_at"], unique=False
        )

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payout_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_payment_payout_id"), ["payout_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_payment_payout_id"), "payout", ["payout_id"], ["id"]
        )

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("cover_pence", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_pledge_cover_within_amount"),
            "cover_pence >= 0 AND cover_pence < amount_pence",
        )
        batch_op.create_index(
            batch_op.f("ix_pledge_appeal_id_email_key"), ["appeal_id", "email_key"], unique=False
        )

    with op.batch_alter_table("webhook_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_webhook_event_about"), ["about"], unique=False)
    close_ledger(on_postgres=on_postgres)
    op.execute(WHO_GAVE_BEFORE)


def make_tables() -> None:
    op.create_table(
        "payout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_payout", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("lines_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')",
            name=op.f("ck_payout_status_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("stripe_payout", name=op.f("uq_payout_stripe_payout")),
    )
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_arrives_on"), ["arrives_on"], unique=False)

    op.create_table(
        "sweep",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("done_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep")),
    )
    op.create_table(
        "appeal_donor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_donor_appeal_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_appeal_donor_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_donor")),
        sa.UniqueConstraint("key", name=op.f("uq_appeal_donor_key")),
    )
    op.create_index(
        op.f("ix_appeal_donor_appeal_id_transaction_id"),
        "appeal_donor",
        ["appeal_id", "transaction_id"],
    )
    op.create_table(
        "appeal_checkpoint",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("raised_pence", sa.BigInteger(), nullable=False),
        sa.Column("donors", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_checkpoint_appeal_id")
        ),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeal_checkpoint")),
    )
    op.create_table(
        "payout_inquiry",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name=op.f("fk_payout_inquiry_payout_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_inquiry")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_payout_inquiry_payout_id")),
    )
    with op.batch_alter_table("payout_inquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_inquiry_due_at"), ["due_at"], unique=False)

    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_dispute", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            one_of("status", DISPUTE_STATUSES),
            name=op.f("ck_dispute_status_known"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_dispute_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("stripe_dispute", name=op.f("uq_dispute_stripe_dispute")),
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "fraud_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_warning", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_fraud_warning_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fraud_warning")),
        sa.UniqueConstraint("stripe_warning", name=op.f("uq_fraud_warning_stripe_warning")),
    )
    with op.batch_alter_table("fraud_warning", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fraud_warning_payment_id"), ["payment_id"], unique=False
        )

    op.create_table(
        "payout_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("balance_transaction", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("fee_pence", sa.Integer(), nullable=False),
        sa.Column("net_pence", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "net_pence = amount_pence - fee_pence", name=op.f("ck_payout_line_net_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payout_line_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name=op.f("fk_payout_line_payout_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_line")),
        sa.UniqueConstraint("balance_transaction", name=op.f("uq_payout_line_balance_transaction")),
    )
    with op.batch_alter_table("payout_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_line_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_line_payout_id"), ["payout_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_refund", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'requires_action', 'succeeded', 'failed', 'canceled')",
            name=op.f("ck_refund_status_known"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("stripe_refund", name=op.f("uq_refund_stripe_refund")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "refund_request",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stripe_refund", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_refund_request_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_request")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_request_key")),
        sa.UniqueConstraint("stripe_refund", name=op.f("uq_refund_request_stripe_refund")),
    )
    with op.batch_alter_table("refund_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_request_due_at"), ["due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_refund_request_payment_id"), ["payment_id"], unique=False
        )


def downgrade() -> None:
    on_postgres = open_ledger()
    with op.batch_alter_table("webhook_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_event_about"))
        batch_op.drop_column("about")

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pledge_appeal_id_email_key"))
        batch_op.drop_constraint(batch_op.f("ck_pledge_cover_within_amount"), type_="check")
        batch_op.drop_column("cover_pence")

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_payment_payout_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_payment_payout_id"))
        batch_op.drop_column("payout_id")

    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_transaction_moved_at"))
        batch_op.alter_column("payment_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_constraint(batch_op.f("ck_ledger_transaction_kind_known"), type_="check")
        batch_op.drop_column("kind")

    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_appeal_id_account_transaction_id"))
        batch_op.drop_constraint(batch_op.f("ck_ledger_entry_account_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_ledger_entry_account_known"), one_of("account", ACCOUNTS_BEFORE)
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_appeal_id_account"), ["appeal_id", "account"], unique=False
        )

    with op.batch_alter_table("refund_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refund_request_payment_id"))
        batch_op.drop_index(batch_op.f("ix_refund_request_due_at"))

    op.drop_table("refund_request")
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refund_payment_id"))

    op.drop_table("refund")
    with op.batch_alter_table("payout_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_line_payout_id"))
        batch_op.drop_index(batch_op.f("ix_payout_line_payment_id"))

    op.drop_table("payout_line")
    with op.batch_alter_table("fraud_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fraud_warning_payment_id"))

    op.drop_table("fraud_warning")
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispute_payment_id"))

    op.drop_table("dispute")
    with op.batch_alter_table("payout_inquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_inquiry_due_at"))

    op.drop_table("payout_inquiry")
    op.drop_table("appeal_donor")
    op.drop_table("appeal_checkpoint")
    op.drop_table("sweep")
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_arrives_on"))

    op.drop_table("payout")
    close_ledger(on_postgres=on_postgres)
