"""The desk of today: cards of applicants, who joined again, and quicker ways to find what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = ("texted", "joined", "arrears", "moved")
REASONS = ("texted", "applied", "joined", "arrears", "moved")
PARTIAL = {
    "ix_member_rejoined": ("member", ["rejoined_at", "id"], "rejoined_at IS NOT NULL"),
    "ix_follow_up_region_due": ("follow_up", ["region_id", "due_at"], "due_at IS NOT NULL"),
}
BACK = "SELECT {} FROM membership_event WHERE kind = 'rejoined'"


def upgrade() -> None:
    _reasons(REASONS)
    op.add_column("member", sa.Column("rejoined_at", sa.DateTime(timezone=True), nullable=True))
    newest = BACK.format("max(at)") + " AND member_id = member.id"
    op.execute(
        f"UPDATE member SET rejoined_at = ({newest}) WHERE id IN ({BACK.format('member_id')})"
    )
    for name, (table, columns, where) in PARTIAL.items():
        only = sa.text(where)
        op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)
    op.create_index(op.f("ix_member_region_id_joined_at"), "member", ["region_id", "joined_at"])
    op.create_index(op.f("ix_enquiry_region_id_created_at"), "enquiry", ["region_id", "created_at"])
    op.drop_index(op.f("ix_enquiry_region_id"), "enquiry")


def _reasons(reasons: tuple[str, ...]) -> None:
    """Say for which reasons there are cards."""
    name = "ck_follow_up_reason_known"
    with op.batch_alter_table("follow_up") as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_="check")
        listed = ", ".join(repr(each) for each in reasons)
        batch_op.create_check_constraint(batch_op.f(name), f"reason IN ({listed})")


def downgrade() -> None:
    op.create_index(op.f("ix_enquiry_region_id"), "enquiry", ["region_id"])
    op.drop_index(op.f("ix_enquiry_region_id_created_at"), "enquiry")
    op.drop_index(op.f("ix_member_region_id_joined_at"), "member")
    for name, (table, _columns, _where) in PARTIAL.items():
        op.drop_index(name, table)
    op.drop_column("member", "rejoined_at")
    # No card of an applicant can be told of before: with its steps and their words it goes.
    cards = "SELECT id FROM follow_up WHERE reason = 'applied'"
    steps = f"SELECT id FROM follow_up_step WHERE follow_up_id IN ({cards})"
    op.execute(f"DELETE FROM follow_up_note WHERE step_id IN ({steps})")
    op.execute(f"DELETE FROM follow_up_step WHERE follow_up_id IN ({cards})")
    op.execute("DELETE FROM follow_up WHERE reason = 'applied'")
    _reasons(BEFORE)
