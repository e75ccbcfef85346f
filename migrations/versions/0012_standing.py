"""Standing: changes of membership that can be, all of a member's agreements, joining again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STEPS = {
    "applied": ("active", "left"),
    "active": ("applied", "arrears", "lapsed", "left"),
    "arrears": ("applied", "active", "lapsed", "left"),
    "lapsed": ("applied", "active", "arrears", "left"),
    "left": ("active",),
}


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def can_be() -> str:
    steps = " OR ".join(
        f"(from_state = '{before}' AND {one_of('to_state', after)})"
        for before, after in STEPS.items()
    )
    same = "kind IN ('moved', 'rate') AND from_state IS NOT NULL AND from_state = to_state"
    return f"({same}) OR (kind NOT IN ('moved', 'rate') AND (from_state IS NULL OR {steps}))"


def upgrade() -> None:
    _members()
    _events()
    _pledges()
    _likenesses()


def _members() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unpaid_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rejoins_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("answers", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_member_rejoins_id"), "member", ["rejoins_id"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_member_rejoiners_apply"),
            "rejoins_id IS NULL OR (rejoins_id <> id AND state IN ('applied', 'left'))",
        )
        for column in ("rejoins_id", "phone", "postcode"):
            batch_op.create_index(batch_op.f(f"ix_member_{column}"), [column], unique=False)


def _events() -> None:
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="state"))
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(), server_default=None)
        batch_op.create_check_constraint(
            batch_op.f("ck_membership_event_kind_known"),
            one_of("kind", ("state", "rejoined", "moved", "rate")),
        )
        batch_op.create_check_constraint(batch_op.f("ck_membership_event_change_can_be"), can_be())
        batch_op.create_check_constraint(
            batch_op.f("ck_membership_event_rejoiners_were_gone"),
            "kind <> 'rejoined' OR (from_state IN ('left', 'lapsed') AND to_state = 'active')",
        )


def _pledges() -> None:
    table = "member_pledge"
    op.create_table(
        table,
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f(f"fk_{table}_pledge_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_member_id"), table, ["member_id"])
    op.execute(
        "INSERT INTO member_pledge (pledge_id, member_id, since) "
        "SELECT dues_pledge_id, id, created_at FROM member"
    )


def _likenesses() -> None:
    table = "likeness"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("newer_id", sa.Uuid(), nullable=False),
        sa.Column("older_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            one_of("why", ("email", "phone", "name-postcode")), name=op.f("ck_likeness_why_known")
        ),
        sa.CheckConstraint("newer_id <> older_id", name=op.f("ck_likeness_of_two")),
        sa.ForeignKeyConstraint(["newer_id"], ["member.id"], name=op.f("fk_likeness_newer_id")),
        sa.ForeignKeyConstraint(["older_id"], ["member.id"], name=op.f("fk_likeness_older_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness")),
        sa.UniqueConstraint(
            "newer_id", "older_id", "why", name=op.f("uq_likeness_newer_id_older_id_why")
        ),
    )
    for column in ("newer_id", "older_id"):
        op.create_index(op.f(f"ix_likeness_{column}"), table, [column])
    op.create_index(op.f("ix_likeness_settled_at_noticed_at"), table, ["settled_at", "noticed_at"])


def downgrade() -> None:
    op.drop_table("likeness")
    op.drop_table("member_pledge")
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        for name in ("kind_known", "change_can_be", "rejoiners_were_gone"):
            batch_op.drop_constraint(batch_op.f(f"ck_membership_event_{name}"), type_="check")
        batch_op.drop_column("kind")
    with op.batch_alter_table("member", schema=None) as batch_op:
        for column in ("rejoins_id", "phone", "postcode"):
            batch_op.drop_index(batch_op.f(f"ix_member_{column}"))
        batch_op.drop_constraint(batch_op.f("ck_member_rejoiners_apply"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_member_rejoins_id"), type_="foreignkey")
        for column in ("answers", "rejoins_id", "retry_at", "unpaid_at"):
            batch_op.drop_column(column)
