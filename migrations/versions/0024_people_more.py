"""People are found by how their number ends and outcode; lists follow indices of their own.

`member.news` says whether somebody's newest answer about some channel is yes. A trigger keeps it
so, for an answer is only ever added, and by many a way.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
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


_AGREED = """EXISTS (SELECT 1 FROM consent AS said WHERE said.member_id = member.id AND said.given
    AND NOT EXISTS (SELECT 1 FROM consent AS newer WHERE newer.member_id = said.member_id
      AND newer.channel = said.channel AND newer.id > said.id))"""
_KEPT = f"UPDATE member SET news = {_AGREED} WHERE id = NEW.member_id AND news <> {_AGREED}"


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    _forget("p")
    _write(_of)
    _index_words("member_id", "region_id", "branch_id")
    _by_command(allowed=True)
    op.add_column(
        "member", sa.Column("news", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(f"UPDATE member SET news = {_AGREED} WHERE {_AGREED}")
    op.create_index("ix_member_state_sort_key_id", "member", ["state", "sort_key", "id"])
    op.create_index(
        "ix_member_silent",
        "member",
        ["sort_key", "id"],
        postgresql_where=sa.text("NOT news"),
        sqlite_where=sa.text("news = 0"),
    )
    if on_postgres:
        op.execute(
            "CREATE FUNCTION keep_news() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_KEPT}; RETURN NULL; END $$"
        )
    keep = "EXECUTE FUNCTION keep_news()" if on_postgres else f"BEGIN {_KEPT}; END"
    op.execute(f"CREATE TRIGGER consent_keeps_news AFTER INSERT ON consent FOR EACH ROW {keep}")


def _by_command(*, allowed: bool) -> None:
    """Let a change of the directory be nobody's at the desk, but of the office by command."""
    checks = (
        sa.CheckConstraint(said, name=op.f(f"ck_directory_change_{name}"))
        for name, said in _CHECKS.items()
    )
    with op.batch_alter_table("directory_change", table_args=tuple(checks)) as batch_op:
        batch_op.alter_column("account_id", existing_type=sa.Uuid(), nullable=allowed)


_CHECKS = {
    "applied_files_are_gone": "files IS NULL OR applied_at IS NULL",
    "prepared_by_files": "files IS NOT NULL OR applied_at IS NOT NULL",
    "done_once_applied": "done_at IS NULL OR applied_at IS NOT NULL",
    "moved_counted": "moved >= 0",
}


def _index_words(*columns: str) -> None:
    op.drop_index("ix_member_word_word", "member_word")
    op.create_index("ix_member_word_word", "member_word", ["word", *columns])


def _of(row: sa.Row[tuple[str, str]]) -> list[str]:
    said = [f"r {row.phone[::-1]}"] if row.phone else []
    return [*said, f"p {row.postcode.lower()}"] if row.postcode else said


def downgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER consent_keeps_news" + (" ON consent" if on_postgres else ""))
    if on_postgres:
        op.execute("DROP FUNCTION keep_news()")
    op.drop_index("ix_member_silent", "member")
    op.drop_index("ix_member_state_sort_key_id", "member")
    op.drop_column("member", "news")
    _index_words("region_id", "branch_id", "member_id")
    op.execute("DELETE FROM directory_change WHERE account_id IS NULL")
    _by_command(allowed=False)
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
