"""What donors declare, what is to be checked, and when money was charged and reached the bank."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"
DONORS = (
    "'individual', 'company', 'trade-union', 'llp', 'building-society', 'registered-society', "
    "'association', 'party'"
)
STATES = "'waiting', 'accepted', 'returned'"
# What a donor declared goes with their record when the law lets it; a decision never does.
REFUSED = (
    ("declaration", "update"),
    ("check_decision", "update"),
    ("check_decision", "delete"),
)


def upgrade() -> None:
    op.add_column("payment", sa.Column("charged_at", sa.DateTime(timezone=True)))
    op.add_column("payment", sa.Column("payout_arrived_on", sa.Date()))
    # What has reached the bank already is known; when it was charged is not.
    op.execute(
        "UPDATE payment SET payout_arrived_on = (SELECT arrives_on FROM payout "
        "WHERE payout.id = payment.payout_id AND payout.status = 'paid') "
        "WHERE payout_id IS NOT NULL"
    )
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("donor_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address1", sa.String(), nullable=False),
        sa.Column("address2", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.CheckConstraint(
            f"donor_type IN ({DONORS})", name=op.f("ck_declaration_donor_type_known")
        ),
        sa.CheckConstraint(
            "name <> '' AND address1 <> '' AND town <> ''",
            name=op.f("ck_declaration_donor_named"),
        ),
        sa.CheckConstraint(
            "postcode <> '' OR country <> ''", name=op.f("ck_declaration_donor_found")
        ),
        sa.CheckConstraint(
            "country = '' OR donor_type = 'individual'",
            name=op.f("ck_declaration_bodies_are_here"),
        ),
        sa.CheckConstraint("wording <> ''", name=op.f("ck_declaration_wording_kept")),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_declaration_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index(op.f("ix_declaration_pledge_id"), "declaration", ["pledge_id"])
    op.create_table(
        "permissibility_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("who", sa.String(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            f"state IN ({STATES})", name=op.f("ck_permissibility_check_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)",
            name=op.f("ck_permissibility_check_decided_or_waiting"),
        ),
        sa.CheckConstraint(
            "due_on >= received_on", name=op.f("ck_permissibility_check_time_forward")
        ),
        sa.CheckConstraint("reminded >= 0", name=op.f("ck_permissibility_check_reminded_counted")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_permissibility_check_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permissibility_check")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_permissibility_check_payment_id")),
    )
    op.create_index(
        op.f("ix_permissibility_check_state_due_on"),
        "permissibility_check",
        ["state", "due_on"],
    )
    op.create_table(
        "check_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_check_decision_state_known")),
        sa.ForeignKeyConstraint(
            ["check_id"], ["permissibility_check.id"], name=op.f("fk_check_decision_check_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_decision")),
    )
    op.create_index(op.f("ix_check_decision_check_id"), "check_decision", ["check_id"])
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for table, change in REFUSED:
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def downgrade() -> None:
    for table in ("check_decision", "permissibility_check", "declaration"):
        op.drop_table(table)  # and its triggers
    op.drop_column("payment", "payout_arrived_on")
    op.drop_column("payment", "charged_at")
