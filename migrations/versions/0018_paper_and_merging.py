"""Members entered by the office, and members merged."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WORDS = "this table only grows: add the next row instead"
STEPS = {
    "applied": ("active", "left"),
    "active": ("applied", "arrears", "lapsed", "left"),
    "arrears": ("applied", "active", "lapsed", "left"),
    "lapsed": ("applied", "active", "arrears", "left"),
    "left": ("active",),
}
KINDS = ("state", "rejoined", "moved", "rate", "waiting", "declined")
STAYS = ("moved", "rate", "waiting")


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def can_be(same: str) -> str:
    steps = " OR ".join(
        f"(from_state = '{before}' AND {one_of('to_state', after)})"
        for before, after in STEPS.items()
    )
    alike = f"{same} AND from_state IS NOT NULL AND from_state = to_state"
    return f"({alike}) OR (NOT {same} AND (from_state IS NULL OR {steps}))"


def upgrade() -> None:
    _entered()
    _merged()
    _kinds((*KINDS, "merged"), one_of("kind", (*STAYS, "merged")))


def _entered() -> None:
    table = "entered_member"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("pays_by", sa.String(), nullable=False),
        sa.Column("kept_at", sa.String(), nullable=False),
        sa.Column("paid_up_to", sa.Integer(), nullable=True),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spared_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminds", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            one_of("source", ("paper", "file")), name=op.f(f"ck_{table}_source_known")
        ),
        sa.CheckConstraint(
            one_of("pays_by", ("standing-order", "bank", "cash", "cheque", "none")),
            name=op.f(f"ck_{table}_pays_by_known"),
        ),
        sa.CheckConstraint("number <> ''", name=op.f(f"ck_{table}_number_says_something")),
        sa.CheckConstraint(
            "(paid_up_to IS NULL) = (counted_from IS NULL)",
            name=op.f(f"ck_{table}_paid_up_to_and_counted_from"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("number", name=op.f(f"uq_{table}_number")),
    )
    for column in ("member_id", "entered_at"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _merged() -> None:
    table = "merged_member"
    op.create_table(
        table,
        sa.Column("lost_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["member.id"], name=op.f(f"fk_{table}_kept_id")),
        sa.PrimaryKeyConstraint("lost_id", name=op.f(f"pk_{table}")),
    )
    for column in ("kept_id", "email_key"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _kinds(kinds: tuple[str, ...], same: str) -> None:
    """Say which kinds of event there are. SQLite makes the table anew, without its guard."""
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        for name in ("kind_known", "change_can_be"):
            batch_op.drop_constraint(batch_op.f(f"ck_membership_event_{name}"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_membership_event_kind_known"), one_of("kind", kinds)
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_membership_event_change_can_be"), can_be(same)
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER membership_event_no_update BEFORE UPDATE ON membership_event "
            f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )


def downgrade() -> None:
    op.execute("DELETE FROM membership_event WHERE kind = 'merged'")
    _kinds(KINDS, one_of("kind", STAYS))
    op.drop_table("merged_member")
    op.drop_table("entered_member")
