"""Indices in the order in which they are read: the audit of one row, the members of a place.

Without the first the planner could rather walk the whole audit backwards than sort a few entries.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE = ("ix_audit_entry_subject_kind_subject_id", ["subject_kind", "subject_id"])
PLACES = ("branch_id", "region_id")
NOW = ("ix_audit_entry_subject_kind_subject_id_id", ["subject_kind", "subject_id", "id"])


def upgrade() -> None:
    _replace(BEFORE, NOW)
    for each in PLACES:
        op.drop_index(op.f(f"ix_member_{each}"), "member")
        op.create_index(op.f(f"ix_member_{each}_sort_key_id"), "member", [each, "sort_key", "id"])
    behind = sa.text("state = 'arrears'")
    op.create_index(
        "ix_member_region_arrears",
        "member",
        ["region_id", "joined_at", "id"],
        postgresql_where=behind,
        sqlite_where=behind,
    )


def downgrade() -> None:
    op.drop_index("ix_member_region_arrears", "member")
    for each in PLACES:
        op.drop_index(op.f(f"ix_member_{each}_sort_key_id"), "member")
        op.create_index(op.f(f"ix_member_{each}"), "member", [each])
    _replace(NOW, BEFORE)


def _replace(old: tuple[str, list[str]], new: tuple[str, list[str]]) -> None:
    op.drop_index(op.f(old[0]), "audit_entry")
    op.create_index(op.f(new[0]), "audit_entry", new[1])
