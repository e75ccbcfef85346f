"""The desks of numbers and of admins: counted figures, the worker's beat, clocks and their ends."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

REQUEST = {
    "extended_with_a_reason": "(extended_at IS NULL) = (extended_why IS NULL)",
    "complaints_have_one_clock": "kind <> 'complaint' OR extended_at IS NULL",
}


def upgrade() -> None:
    _figures()
    _of_the_service()
    _audit()
    for column in (
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended_why", sa.String(), nullable=True),
    ):
        op.add_column("privacy_request", column)
    with op.batch_alter_table("privacy_request") as batch_op:
        for name, condition in REQUEST.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_privacy_request_{name}"), condition)
    # What the page of the service's health looks for: few rows among very many.
    for index, table, column, condition in (
        ("ix_outbox_mail_unsent", "outbox_mail", "id", "done_at IS NULL"),
        ("ix_webhook_event_held", "webhook_event", "id", "outcome = 'held'"),
    ):
        where = sa.text(condition)
        op.create_index(index, table, [column], sqlite_where=where, postgresql_where=where)


def _figures() -> None:
    table = "monthly_figure"
    checks = {
        "level_known": "level IN ('all', 'region', 'branch')",
        "everywhere_is_no_place": "(level = 'all') = (place_id = 0)",
        "of_nobody": "level <> 'all' OR (region_id IS NULL AND branch_id IS NULL)",
        "region_named": "level <> 'region' OR region_id = place_id",
        "branch_named": "level <> 'branch' OR branch_id = place_id",
        "counted_forward": "month >= 0 AND bucket >= 0",
    }
    keys = ("level", "place_id", "series", "month", "bucket")
    op.create_table(
        table,
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("place_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        *(sa.CheckConstraint(sql, name=op.f(f"ck_{table}_{name}")) for name, sql in checks.items()),
        *(
            sa.ForeignKeyConstraint(
                [f"{kind}_id"], [f"{kind}.id"], name=op.f(f"fk_{table}_{kind}_id")
            )
            for kind in ("region", "branch")
        ),
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_series_level_month"), table, ["series", "level", "month"])
    op.create_table(
        "figure_count",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_figure_count")),
    )


def _of_the_service() -> None:
    op.create_table(
        "worker_beat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_worker_beat_one_row")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_worker_beat_failures_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("next_due", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )


def _audit() -> None:
    table = "audit_export"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f(f"ck_{table}_says_why")),
        sa.CheckConstraint("entries >= 0", name=op.f(f"ck_{table}_entries_counted")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f(f"fk_{table}_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("nonce", name=op.f(f"uq_{table}_nonce")),
    )
    op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])
    # The newest of one account or of one kind, however many there are: in the order of their ids.
    op.drop_index(op.f("ix_audit_entry_account_id"), "audit_entry")
    op.create_index(op.f("ix_audit_entry_account_id_id"), "audit_entry", ["account_id", "id"])
    op.create_index(op.f("ix_audit_entry_kind_id"), "audit_entry", ["kind", "id"])


def downgrade() -> None:
    for name in ("kind_id", "account_id_id"):
        op.drop_index(op.f(f"ix_audit_entry_{name}"), "audit_entry")
    op.create_index(op.f("ix_audit_entry_account_id"), "audit_entry", ["account_id"])
    op.drop_index("ix_webhook_event_held", "webhook_event")
    op.drop_index("ix_outbox_mail_unsent", "outbox_mail")
    with op.batch_alter_table("privacy_request") as batch_op:
        for name in REQUEST:
            batch_op.drop_constraint(batch_op.f(f"ck_privacy_request_{name}"), type_="check")
        for column in ("extended_why", "extended_at"):
            batch_op.drop_column(column)
    tables = ("audit_export", "retention_run", "worker_beat", "figure_count", "monthly_figure")
    for table in tables:
        op.drop_table(table)
