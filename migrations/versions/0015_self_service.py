"""Self-service: other rates of dues, other addresses, and applicants who wait for an organiser."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STEPS = {
    "applied": ("active", "left"),
    "active": ("applied", "arrears", "lapsed", "left"),
    "arrears": ("applied", "active", "lapsed", "left"),
    "lapsed": ("applied", "active", "arrears", "left"),
    "left": ("active",),
}
BEFORE = (("state", "rejoined", "moved", "rate"), ("moved", "rate"))
AFTER = (
    ("state", "rejoined", "moved", "rate", "waiting", "declined"),
    ("moved", "rate", "waiting"),
)
WORDS = "this table only grows: add the next row instead"


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def can_be(staying: tuple[str, ...]) -> str:
    steps = " OR ".join(
        f"(from_state = '{before}' AND {one_of('to_state', after)})"
        for before, after in STEPS.items()
    )
    stays = one_of("kind", staying)
    same = f"{stays} AND from_state IS NOT NULL AND from_state = to_state"
    return f"({same}) OR (NOT {stays} AND (from_state IS NULL OR {steps}))"


def upgrade() -> None:
    op.add_column("monthly_change", sa.Column("label", sa.String(), nullable=True))
    with op.batch_alter_table("member") as batch_op:
        batch_op.add_column(sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_member_waiting_since"), ["waiting_since"])
        batch_op.create_check_constraint(
            batch_op.f("ck_member_only_applicants_wait"),
            "waiting_since IS NULL OR state = 'applied'",
        )
    _events(*AFTER)
    with op.batch_alter_table("membership_event") as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_membership_event_applicants_wait"),
            "kind <> 'waiting' OR to_state = 'applied'",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_membership_event_applicants_are_declined"),
            "kind <> 'declined' OR (from_state = 'applied' AND to_state = 'left')",
        )
    _only_grows()
    _addresses()


def _events(kinds: tuple[str, ...], staying: tuple[str, ...]) -> None:
    checks = {"kind_known": one_of("kind", kinds), "change_can_be": can_be(staying)}
    with op.batch_alter_table("membership_event") as batch_op:
        for name, condition in checks.items():
            batch_op.drop_constraint(batch_op.f(f"ck_membership_event_{name}"), type_="check")
            batch_op.create_check_constraint(batch_op.f(f"ck_membership_event_{name}"), condition)


def _only_grows() -> None:
    """Refuse changes anew: a table that SQLite has rebuilt lost what stood guard over it."""
    if op.get_bind().dialect.name == "sqlite":
        name = "membership_event_no_update"
        op.execute(f"DROP TRIGGER IF EXISTS {name}")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON membership_event "
            f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )


def _addresses() -> None:
    table = "email_change"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("old_email", sa.String(), nullable=False),
        sa.Column("old_key", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("member_id", "email_key", "old_key"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    op.drop_table("email_change")
    with op.batch_alter_table("membership_event") as batch_op:
        for name in ("applicants_are_declined", "applicants_wait"):
            batch_op.drop_constraint(batch_op.f(f"ck_membership_event_{name}"), type_="check")
    _events(*BEFORE)
    _only_grows()
    with op.batch_alter_table("member") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_member_only_applicants_wait"), type_="check")
        batch_op.drop_index(batch_op.f("ix_member_waiting_since"))
        batch_op.drop_column("waiting_since")
    op.drop_column("monthly_change", "label")
