"""People are found by how their telephone number ends, and by an outcode alone."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None

AT_ONCE = 2_000
_MEMBER = sa.table(
    "member",
    sa.column("id", sa.Uuid()),
    *map(sa.column, ("phone", "postcode", "region_id", "branch_id")),
)
_WORD = sa.table(
    "member_word",
    sa.column("member_id", sa.Uuid()),
    *map(sa.column, ("word", "region_id", "branch_id")),
)


def upgrade() -> None:
    _forget("p")
    _write(_of)


def _of(row: sa.Row[tuple[str, str]]) -> list[str]:
    said = [f"r {row.phone[::-1]}"] if row.phone else []
    return [*said, f"p {row.postcode.lower()}"] if row.postcode else said


def downgrade() -> None:
    for kind in ("p", "r"):
        _forget(kind)
    _write(_as_before)


def _as_before(row: sa.Row[tuple[str, str]]) -> list[str]:
    return [f"p {row.postcode.replace(' ', '').lower()}"] if row.postcode else []


def _forget(kind: str) -> None:
    of_kind = _WORD.c.word.between(f"{kind} ", f"{kind} \U0010ffff")
    op.get_bind().execute(_WORD.delete().where(of_kind))


def _write(words: Callable[[sa.Row[tuple[str, str]]], list[str]]) -> None:
    connection = op.get_bind()
    wanted = sa.select(_MEMBER).order_by(_MEMBER.c.id).limit(AT_ONCE)
    rows = connection.execute(wanted).all()
    while rows:
        said = [
            {
                "member_id": row.id,
                "word": word,
                "region_id": row.region_id,
                "branch_id": row.branch_id,
            }
            for row in rows
            for word in words(row)
        ]
        if said:
            connection.execute(_WORD.insert(), said)
        rows = connection.execute(wanted.where(_MEMBER.c.id > rows[-1].id)).all()
