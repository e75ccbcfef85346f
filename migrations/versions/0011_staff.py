"""Staff: accounts, what proves who they are, and the record of what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def _account(table: str, *, nullable: bool = False) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("account_id", sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f(f"fk_{table}_account_id")
        ),
    ]


def _key(table: str, kind: sa.types.TypeEngine) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("id", kind, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    _accounts()
    _proofs()
    _sessions()
    _audit()


def _accounts() -> None:
    table = "staff_account"
    op.create_table(
        table,
        *_key(table, sa.Uuid()),
        _text("email"),
        _text("email_key"),
        _text("role"),
        _text("password_hash", nullable=True),
        _text("totp_secret", nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        _moment("invited_at"),
        _moment("revoked_at", nullable=True),
        sa.CheckConstraint(
            "role IN ('organiser', 'treasurer', 'moderator', 'admin')",
            name=op.f("ck_staff_account_role_known"),
        ),
        sa.CheckConstraint(
            "totp_secret IS NULL OR password_hash IS NOT NULL",
            name=op.f("ck_staff_account_password_comes_first"),
        ),
        sa.UniqueConstraint("email_key", name=op.f("uq_staff_account_email_key")),
    )
    table = "staff_scope"
    op.create_table(
        table,
        *_key(table, sa.Integer()),
        *_account(table),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(region_id IS NULL) <> (branch_id IS NULL)", name=op.f("ck_staff_scope_one_place")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_staff_scope_region_id")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_staff_scope_branch_id")
        ),
        sa.UniqueConstraint(
            "account_id", "region_id", name=op.f("uq_staff_scope_account_id_region_id")
        ),
        sa.UniqueConstraint(
            "account_id", "branch_id", name=op.f("uq_staff_scope_account_id_branch_id")
        ),
    )


def _proofs() -> None:
    table = "staff_invitation"
    op.create_table(
        table,
        *_key(table, sa.Uuid()),
        *_account(table),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
    )
    op.create_index(op.f("ix_staff_invitation_account_id"), table, ["account_id"])
    table = "staff_recovery_code"
    op.create_table(
        table,
        *_key(table, sa.Integer()),
        *_account(table),
        _text("digest"),
        _moment("used_at", nullable=True),
        sa.UniqueConstraint(
            "account_id", "digest", name=op.f("uq_staff_recovery_code_account_id_digest")
        ),
    )
    table = "staff_throttle"
    op.create_table(
        table,
        _text("key"),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("last_at"),
        _moment("until"),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_staff_throttle_failures_counted")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_staff_throttle")),
    )
    op.create_index(op.f("ix_staff_throttle_last_at"), table, ["last_at"])


def _sessions() -> None:
    table = "staff_device"
    op.create_table(
        table,
        *_key(table, sa.Uuid()),
        *_account(table),
        _text("digest"),
        _text("browser"),
        _text("system"),
        _moment("first_at"),
        _moment("seen_at"),
        sa.UniqueConstraint("account_id", "digest", name=op.f("uq_staff_device_account_id_digest")),
    )
    op.create_index(op.f("ix_staff_device_digest"), table, ["digest"])
    table = "staff_session"
    op.create_table(
        table,
        *_key(table, sa.Uuid()),
        *_account(table),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        _text("digest"),
        _text("stage"),
        _text("new_secret", nullable=True),
        _moment("begun_at"),
        _moment("seen_at"),
        _moment("ended_at", nullable=True),
        sa.CheckConstraint(
            "stage IN ('enrol', 'code', 'full')", name=op.f("ck_staff_session_stage_known")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["staff_device.id"], name=op.f("fk_staff_session_device_id")
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_session_digest")),
    )
    op.create_index("ix_staff_session_account_id_ended_at", table, ["account_id", "ended_at"])


def _audit() -> None:
    table = "audit_entry"
    op.create_table(
        table,
        *_key(table, sa.Integer()),
        _moment("at"),
        _text("kind"),
        *_account(table, nullable=True),
        _text("subject_kind", nullable=True),
        _text("subject_id", nullable=True),
        _text("detail"),
        sa.CheckConstraint(
            "kind IN ('sign-in', 'failure', 'look', 'search', 'change', 'export')",
            name=op.f("ck_audit_entry_kind_known"),
        ),
        sa.CheckConstraint(
            "(subject_kind IS NULL) = (subject_id IS NULL)",
            name=op.f("ck_audit_entry_subject_is_whole"),
        ),
    )
    for column in ("at", "account_id"):
        op.create_index(op.f(f"ix_audit_entry_{column}"), table, [column])
    op.create_index("ix_audit_entry_subject_kind_subject_id", table, ["subject_kind", "subject_id"])
    refuse = (
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )
    for change in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def downgrade() -> None:
    for table in (
        *("audit_entry", "staff_session", "staff_device", "staff_throttle"),
        *("staff_recovery_code", "staff_invitation", "staff_scope", "staff_account"),
    ):
        op.drop_table(table)
