"""Cash, cheques, standing orders, and the lines of a bank's file."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"
KINDS_BEFORE = ("donation", "monthly", "dues")
KINDS = (*KINDS_BEFORE, "offline")
LINE_STATES = ("waiting", "matched", "returned", "payout", "not-a-gift", "out")
LINE_DECISIONS = ("book", "match", "payout", "returned", "not-a-gift", "unmatch")
BY_STRIPE = "payment_intent IS NOT NULL OR invoice IS NOT NULL"
BY_STRIPE_OR_OFFLINE = (
    "(coalesce(method, '') IN ('cash', 'cheque', 'standing-order', 'bank')) = "
    "(payment_intent IS NULL AND invoice IS NULL)"
)


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    with op.batch_alter_table("pledge") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_pledge_kind_known"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_pledge_kind_known"), one_of("kind", KINDS))
        batch_op.create_index(batch_op.f("ix_pledge_postcode"), ["postcode"])
    with op.batch_alter_table("payment") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_payment_known_to_stripe"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_payment_known_to_stripe_or_offline"), BY_STRIPE_OR_OFFLINE
        )
    with op.batch_alter_table("refund") as batch_op:
        batch_op.alter_column("stripe_refund", existing_type=sa.String(), nullable=True)
    unused = sa.text("stripe_refund IS NULL")
    op.create_index(
        "uq_refund_undone_once",
        "refund",
        ["payment_id"],
        unique=True,
        sqlite_where=unused,
        postgresql_where=unused,
    )
    make_entries()
    make_lines()
    make_rules()
    guard("bank_decision")


def make_entries() -> None:
    op.create_table(
        "offline_entry",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_offline_entry_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_offline_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_offline_entry_key")),
    )
    op.create_index(op.f("ix_offline_entry_fingerprint"), "offline_entry", ["fingerprint"])
    op.create_index(op.f("ix_offline_entry_received_on"), "offline_entry", ["received_on"])


def make_lines() -> None:
    op.create_table(
        "bank_account",
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bank_account")),
    )
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("balance_pence", sa.Integer(), nullable=True),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("doubt", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(one_of("state", LINE_STATES), name=op.f("ck_bank_line_state_known")),
        sa.CheckConstraint(
            "(state IN ('matched', 'returned')) = (payment_id IS NOT NULL)",
            name=op.f("ck_bank_line_has_its_payment"),
        ),
        sa.CheckConstraint(
            "(state = 'payout') = (payout_id IS NOT NULL)",
            name=op.f("ck_bank_line_has_its_payout"),
        ),
        sa.ForeignKeyConstraint(
            ["account"], ["bank_account.name"], name=op.f("fk_bank_line_account")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_bank_line_payment_id")
        ),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_bank_line_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("key", name=op.f("uq_bank_line_key")),
        sa.UniqueConstraint("payment_id", "state", name=op.f("uq_bank_line_payment_id_state")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_bank_line_payout_id")),
    )
    op.create_index(op.f("ix_bank_line_account_on_day"), "bank_line", ["account", "on_day"])
    op.create_index(op.f("ix_bank_line_folded"), "bank_line", ["folded"])
    op.create_index(op.f("ix_bank_line_state_on_day"), "bank_line", ["state", "on_day"])


def make_rules() -> None:
    op.create_table(
        "bank_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            one_of("decision", LINE_DECISIONS), name=op.f("ck_bank_decision_decision_known")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["bank_line.id"], name=op.f("fk_bank_decision_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_bank_decision_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_decision")),
    )
    op.create_index(op.f("ix_bank_decision_line_id"), "bank_decision", ["line_id"])
    op.create_table(
        "bank_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("pence > 0", name=op.f("ck_bank_rule_pence_positive")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_rule_line_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_bank_rule_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_rule")),
    )
    op.create_index(op.f("ix_bank_rule_line_id"), "bank_rule", ["line_id"])
    in_use = sa.text("forgotten_at IS NULL")
    op.create_index(
        "uq_bank_rule_in_use",
        "bank_rule",
        ["folded", "pence"],
        unique=True,
        sqlite_where=in_use,
        postgresql_where=in_use,
    )


def guard(table: str) -> None:
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for change in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def downgrade() -> None:
    """Go back to books without offline money; with any in them, the constraints refuse."""
    for table in ("bank_rule", "bank_decision", "bank_line", "bank_account", "offline_entry"):
        op.drop_table(table)
    op.drop_index("uq_refund_undone_once", "refund")
    with op.batch_alter_table("refund") as batch_op:
        batch_op.alter_column("stripe_refund", existing_type=sa.String(), nullable=False)
    with op.batch_alter_table("payment") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_payment_known_to_stripe_or_offline"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_payment_known_to_stripe"), BY_STRIPE)
    with op.batch_alter_table("pledge") as batch_op:
        batch_op.drop_index(batch_op.f("ix_pledge_postcode"))
        batch_op.drop_constraint(batch_op.f("ck_pledge_kind_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_pledge_kind_known"), one_of("kind", KINDS_BEFORE)
        )
