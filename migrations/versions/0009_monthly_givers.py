"""What monthly givers changed, and how their agreements stand at Stripe."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"
WAITS = "due_at IS NOT NULL"


def _leased() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
    ]


def _of_pledge(table: str) -> list[sa.Constraint]:
    named = op.f(f"fk_{table}_pledge_id")
    return [
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=named),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    _changes()
    _amounts()
    _standings()
    op.create_index(op.f("ix_pledge_stripe_customer"), "pledge", ["stripe_customer"])


def _changes() -> None:
    table = "monthly_change"
    op.create_table(
        table,
        *_leased(),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount_pence", sa.Integer(), nullable=True),
        sa.Column("cover_pence", sa.Integer(), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('pause', 'resume', 'amount')", name=op.f("ck_monthly_change_kind_known")
        ),
        sa.CheckConstraint(
            "(kind = 'pause') = (until IS NOT NULL)", name=op.f("ck_monthly_change_pauses_end")
        ),
        sa.CheckConstraint(
            "(kind = 'amount') = (amount_pence IS NOT NULL)"
            " AND (kind = 'amount') = (cover_pence IS NOT NULL)",
            name=op.f("ck_monthly_change_amounts_are_given"),
        ),
        sa.CheckConstraint(
            "amount_pence > 0 AND cover_pence >= 0 AND cover_pence < amount_pence",
            name=op.f("ck_monthly_change_cover_within_amount"),
        ),
        sa.UniqueConstraint("key", name=op.f("uq_monthly_change_key")),
        *_of_pledge(table),
    )
    op.create_index(op.f("ix_monthly_change_due_at"), table, ["due_at"])
    op.create_index(op.f("ix_monthly_change_pledge_id"), table, ["pledge_id"])
    op.create_index(
        "ix_monthly_change_one_waits",
        table,
        ["pledge_id"],
        unique=True,
        sqlite_where=sa.text(WAITS),
        postgresql_where=sa.text(WAITS),
    )


def _amounts() -> None:
    table = "monthly_amount"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("change_key", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("cover_pence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('asked', 'heard', 'refused')", name=op.f("ck_monthly_amount_step_known")
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_monthly_amount_amount_positive")),
        sa.CheckConstraint(
            "cover_pence >= 0 AND cover_pence < amount_pence",
            name=op.f("ck_monthly_amount_cover_within_amount"),
        ),
        sa.UniqueConstraint("change_key", "step", name=op.f("uq_monthly_amount_change_key_step")),
        *_of_pledge(table),
    )
    op.create_index(op.f("ix_monthly_amount_pledge_id"), table, ["pledge_id"])
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for change in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def _standings() -> None:
    table = "monthly_standing"
    op.create_table(
        table,
        *_leased(),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("touches", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("resumes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period_ends", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payment_method", sa.String(), nullable=True),
        sa.Column("card_expires", sa.Date(), nullable=True),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_monthly_standing_pledge_id")),
        *_of_pledge(table),
    )
    for column in ("due_at", "payment_method", "card_expires"):
        op.create_index(op.f(f"ix_monthly_standing_{column}"), table, [column])
    # What ran before this is asked of Stripe as well, by the worker, in its own time.
    op.execute(
        "INSERT INTO monthly_standing (pledge_id, touches, attempts, paused, due_at) "
        "SELECT id, 0, 0, false, CURRENT_TIMESTAMP FROM pledge "
        "WHERE stripe_subscription IS NOT NULL AND stopped_at IS NULL"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_pledge_stripe_customer"), "pledge")
    op.drop_table("monthly_standing")
    op.drop_table("monthly_amount")  # and its triggers
    op.drop_table("monthly_change")
