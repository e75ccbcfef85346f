"""the first rooms"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_link")),
    )
    with op.batch_alter_table("access_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_link_email"), ["email"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("blurb", sa.String(), nullable=False),
        sa.Column("target_pence", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.CheckConstraint("ends IS NULL OR ends >= starts", name=op.f("ck_appeal_period_forward")),
        sa.CheckConstraint("target_pence > 0", name=op.f("ck_appeal_target_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("slug", name=op.f("uq_appeal_slug")),
    )
    op.create_table(
        "directory_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_directory_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_state")),
    )
    op.create_table(
        "inbound_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=True),
        sa.Column("sender_hash", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("forget_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_text")),
        sa.UniqueConstraint(
            "gateway", "message_id", name=op.f("uq_inbound_text_gateway_message_id")
        ),
    )
    with op.batch_alter_table("inbound_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbound_text_forget_on"), ["forget_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_inbound_text_received_at"), ["received_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inbound_text_sender_hash_received_at"),
            ["sender_hash", "received_at"],
            unique=False,
        )

    op.create_table(
        "link_request",
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_request")),
    )
    with op.batch_alter_table("link_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_request_due_at"), ["due_at"], unique=False)

    op.create_table(
        "outbox_mail",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_mail_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_mail_message_id")),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_mail_due_at"), ["due_at"], unique=False)

    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.Column("ons_code", sa.String(), nullable=True),
        sa.Column("notify_email", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("ons_code", name=op.f("uq_region_ons_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_region_slug")),
    )
    op.create_table(
        "text_opt_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_opt_out")),
        sa.UniqueConstraint("number_hash", name=op.f("uq_text_opt_out_number_hash")),
    )
    op.create_table(
        "webhook_event",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("api_version", sa.String(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_webhook_event_event_id")),
    )
    with op.batch_alter_table("webhook_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_event_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_event_pledge_id"), ["pledge_id"], unique=False)

    op.create_table(
        "branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("position_given", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("meets", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opened", sa.Date(), nullable=True),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status = 'open' OR closed IS NOT NULL", name=op.f("ck_branch_closed_has_a_day")
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_branch_status")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_branch_position")
        ),
        sa.CheckConstraint(
            "opened IS NULL OR closed IS NULL OR opened <= closed", name=op.f("ck_branch_days")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_branch_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("slug", name=op.f("uq_branch_slug")),
    )
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_branch_region_id"), ["region_id"], unique=False)

    op.create_table(
        "pledge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.Column("consent_wording", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("form_nonce", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_because", sa.String(), nullable=True),
        sa.Column("stripe_customer", sa.String(), nullable=True),
        sa.Column("stripe_subscription", sa.String(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'dues') = (appeal_id IS NULL)", name=op.f("ck_pledge_gifts_have_an_appeal")
        ),
        sa.CheckConstraint("currency = 'GBP'", name=op.f("ck_pledge_currency_sterling")),
        sa.CheckConstraint(
            "kind IN ('donation', 'monthly', 'dues')", name=op.f("ck_pledge_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'confirming', 'paid', 'not-taken', 'held')",
            name=op.f("ck_pledge_state_known"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_pledge_amount_positive")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_pledge_appeal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("form_nonce", name=op.f("uq_pledge_form_nonce")),
        sa.UniqueConstraint("stripe_subscription", name=op.f("uq_pledge_stripe_subscription")),
    )
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_email_key"), ["email_key"], unique=False)

    op.create_table(
        "catchment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('outcode', 'sector', 'district', 'constituency')",
            name=op.f("ck_catchment_kind"),
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_catchment_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catchment")),
        sa.UniqueConstraint("kind", "code", name=op.f("uq_catchment_kind_code")),
    )
    with op.batch_alter_table("catchment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catchment_branch_id"), ["branch_id"], unique=False)

    op.create_table(
        "checkout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'complete', 'expired', 'refused')",
            name=op.f("ck_checkout_state_known"),
        ),
        sa.CheckConstraint("attempt > 0", name=op.f("ck_checkout_attempt_positive")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_checkout_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout")),
        sa.UniqueConstraint("pledge_id", "attempt", name=op.f("uq_checkout_pledge_id_attempt")),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkout_session_id")),
    )
    with op.batch_alter_table("checkout", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_checkout_state_checked_at"), ["state", "checked_at"], unique=False
        )

    op.create_table(
        "enquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbound_text_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forget_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_enquiry_branch_id")),
        sa.ForeignKeyConstraint(
            ["inbound_text_id"], ["inbound_text.id"], name=op.f("fk_enquiry_inbound_text_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_enquiry_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sa.UniqueConstraint("inbound_text_id", name=op.f("uq_enquiry_inbound_text_id")),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_forget_on"), ["forget_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_region_id"), ["region_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column("address1", sa.String(), nullable=False),
        sa.Column("address2", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("rate", sa.String(), nullable=False),
        sa.Column("dues_pledge_id", sa.Uuid(), nullable=False),
        sa.Column("form_nonce", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "phone IS NULL OR phone LIKE '+%'", name=op.f("ck_member_phone_international")
        ),
        sa.CheckConstraint(
            "precision IN ('postcode', 'sector', 'outcode', 'none')",
            name=op.f("ck_member_precision_known"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'active', 'arrears', 'lapsed', 'left')",
            name=op.f("ck_member_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'left') OR joined_at IS NOT NULL",
            name=op.f("ck_member_members_have_joined"),
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_member_branch_id")),
        sa.ForeignKeyConstraint(
            ["dues_pledge_id"], ["pledge.id"], name=op.f("fk_member_dues_pledge_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_member_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("dues_pledge_id", name=op.f("uq_member_dues_pledge_id")),
        sa.UniqueConstraint("form_nonce", name=op.f("uq_member_form_nonce")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_region_id"), ["region_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("fee_pence", sa.Integer(), nullable=True),
        sa.Column("payment_intent", sa.String(), nullable=True),
        sa.Column("invoice", sa.String(), nullable=True),
        sa.Column("charge", sa.String(), nullable=True),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_payment_amount_positive")),
        sa.CheckConstraint(
            "payment_intent IS NOT NULL OR invoice IS NOT NULL",
            name=op.f("ck_payment_known_to_stripe"),
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_payment_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("charge", name=op.f("uq_payment_charge")),
        sa.UniqueConstraint("invoice", name=op.f("uq_payment_invoice")),
        sa.UniqueConstraint("payment_intent", name=op.f("uq_payment_payment_intent")),
        sa.UniqueConstraint("pledge_id", "number", name=op.f("uq_payment_pledge_id_number")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_paid_at"), ["paid_at"], unique=False)

    op.create_table(
        "stop_request",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_stop_request_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_request")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_stop_request_pledge_id")),
    )
    with op.batch_alter_table("stop_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stop_request_due_at"), ["due_at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'phone', 'text', 'post')", name=op.f("ck_consent_channel_known")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_consent_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_member_id"), ["member_id"], unique=False)

    op.create_table(
        "detail_inquiry",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_detail_inquiry_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detail_inquiry")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_detail_inquiry_payment_id")),
    )
    with op.batch_alter_table("detail_inquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_detail_inquiry_due_at"), ["due_at"], unique=False)

    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_ledger_transaction_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_transaction_key")),
    )
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_transaction_payment_id"), ["payment_id"], unique=False
        )

    op.create_table(
        "membership_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.CheckConstraint(
            "to_state IN ('applied', 'active', 'arrears', 'lapsed', 'left')",
            name=op.f("ck_membership_event_to_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_membership_event_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_event")),
    )
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_event_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=True),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "account IN ('stripe', 'gifts', 'dues', 'fees')",
            name=op.f("ck_ledger_entry_account_known"),
        ),
        sa.CheckConstraint("pence <> 0", name=op.f("ck_ledger_entry_moves_something")),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeal.id"], name=op.f("fk_ledger_entry_appeal_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_entry_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_appeal_id_account"), ["appeal_id", "account"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_transaction_id"), ["transaction_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_transaction_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_appeal_id_account"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_event_member_id"))

    op.drop_table("membership_event")
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_transaction_payment_id"))

    op.drop_table("ledger_transaction")
    with op.batch_alter_table("detail_inquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_detail_inquiry_due_at"))

    op.drop_table("detail_inquiry")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_member_id"))

    op.drop_table("consent")
    with op.batch_alter_table("stop_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stop_request_due_at"))

    op.drop_table("stop_request")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_paid_at"))

    op.drop_table("payment")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_region_id"))
        batch_op.drop_index(batch_op.f("ix_member_email_key"))
        batch_op.drop_index(batch_op.f("ix_member_branch_id"))

    op.drop_table("member")
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_region_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_forget_on"))
        batch_op.drop_index(batch_op.f("ix_enquiry_branch_id"))

    op.drop_table("enquiry")
    with op.batch_alter_table("checkout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkout_state_checked_at"))

    op.drop_table("checkout")
    with op.batch_alter_table("catchment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catchment_branch_id"))

    op.drop_table("catchment")
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pledge_email_key"))

    op.drop_table("pledge")
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_branch_region_id"))

    op.drop_table("branch")
    with op.batch_alter_table("webhook_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_event_pledge_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_event_due_at"))

    op.drop_table("webhook_event")
    op.drop_table("text_opt_out")
    op.drop_table("region")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_mail_due_at"))

    op.drop_table("outbox_mail")
    with op.batch_alter_table("link_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_request_due_at"))

    op.drop_table("link_request")
    with op.batch_alter_table("inbound_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbound_text_sender_hash_received_at"))
        batch_op.drop_index(batch_op.f("ix_inbound_text_received_at"))
        batch_op.drop_index(batch_op.f("ix_inbound_text_forget_on"))

    op.drop_table("inbound_text")
    op.drop_table("directory_state")
    op.drop_table("appeal")
    with op.batch_alter_table("access_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_link_email"))

    op.drop_table("access_link")
