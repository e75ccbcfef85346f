"""The audit of one row is read by an index that has its order, however much there is of others.

Without it the planner could rather walk the whole audit backwards than sort a few entries.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE = ("ix_audit_entry_subject_kind_subject_id", ["subject_kind", "subject_id"])
NOW = ("ix_audit_entry_subject_kind_subject_id_id", ["subject_kind", "subject_id", "id"])


def upgrade() -> None:
    _replace(BEFORE, NOW)


def downgrade() -> None:
    _replace(NOW, BEFORE)


def _replace(old: tuple[str, list[str]], new: tuple[str, list[str]]) -> None:
    op.drop_index(op.f(old[0]), "audit_entry")
    op.create_index(op.f(new[0]), "audit_entry", new[1])
