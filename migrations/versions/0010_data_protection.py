"""Data protection: erasures, requests, suppression; and letters found by whom they went to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"
KINDS = "'access', 'erasure', 'correction', 'objection', 'complaint'"


def upgrade() -> None:
    with op.batch_alter_table("outbox_mail") as batch_op:
        batch_op.add_column(
            sa.Column("campaign", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_index(batch_op.f("ix_outbox_mail_recipient"), ["recipient"])
    with op.batch_alter_table("outbox_mail") as batch_op:
        batch_op.alter_column("campaign", server_default=None, existing_type=sa.Boolean())
    op.create_index(op.f("ix_enquiry_phone"), "enquiry", ["phone"])
    _suppression()
    _erasures()
    _requests()


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("address_hash", name=op.f("uq_suppression_address_hash")),
    )


def _erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_as", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_known_as"), "erasure", ["known_as"])
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for change in ("update", "delete"):
        op.execute(f"CREATE TRIGGER erasure_no_{change} BEFORE {change} ON erasure {refuse}")


def _requests() -> None:
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("form_nonce", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("confirm_by", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_privacy_request_kind_known")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_privacy_request_done_with_an_outcome"),
        ),
        sa.CheckConstraint("due_on >= asked_on", name=op.f("ck_privacy_request_time_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("form_nonce", name=op.f("uq_privacy_request_form_nonce")),
    )
    op.create_index(op.f("ix_privacy_request_email_key"), "privacy_request", ["email_key"])
    op.create_index(
        op.f("ix_privacy_request_done_at_due_on"), "privacy_request", ["done_at", "due_on"]
    )


def downgrade() -> None:
    op.drop_table("privacy_request")
    op.drop_table("erasure")
    op.drop_table("suppression")
    op.drop_index(op.f("ix_enquiry_phone"), "enquiry")
    with op.batch_alter_table("outbox_mail") as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_mail_recipient"))
        batch_op.drop_column("campaign")
