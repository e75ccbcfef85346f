"""The desk of people: notes, hand-overs, lists taken out, and words by which people are found."""

import uuid
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from core import spelling

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AT_ONCE = 2_000
WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sort_key", WORDS, nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_member_sort_key_id"), ["sort_key", "id"])
        batch_op.create_index(batch_op.f("ix_member_created_at_id"), ["created_at", "id"])
        batch_op.create_index(batch_op.f("ix_member_region_id_state"), ["region_id", "state"])
        batch_op.create_index(batch_op.f("ix_member_joined_at"), ["joined_at"])
    _words()
    _notes()
    _transfers()
    _exports()
    _write_words()


def _words() -> None:
    table = "member_word"
    op.create_table(
        table,
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("word", WORDS, nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "word", name=op.f(f"pk_{table}")),
    )
    columns = ["word", "region_id", "branch_id", "member_id"]
    op.create_index(f"ix_{table}_word", table, columns)


def _notes() -> None:
    table = "member_note"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('note', 'hand-over')", name=op.f(f"ck_{table}_kind_known")),
        sa.CheckConstraint("text <> ''", name=op.f(f"ck_{table}_says_something")),
        sa.CheckConstraint(
            "struck_at IS NULL OR struck_at >= at", name=op.f(f"ck_{table}_struck_afterwards")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("nonce", name=op.f(f"uq_{table}_nonce")),
    )
    op.create_index(op.f(f"ix_{table}_member_id"), table, ["member_id"])


def _transfers() -> None:
    table = "member_transfer"
    places = [
        (f"{side}_{kind}_id", kind) for side in ("from", "to") for kind in ("region", "branch")
    ]
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=name != "to_region_id") for name, _kind in places),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{table}_member_id")),
        *(
            sa.ForeignKeyConstraint([name], [f"{kind}.id"], name=op.f(f"fk_{table}_{name}"))
            for name, kind in places
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_member_id"), table, ["member_id"])
    op.create_index(op.f(f"ix_{table}_at_member_id"), table, ["at", "member_id"])


def _exports() -> None:
    table = "people_export"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('csv', 'labels')", name=op.f(f"ck_{table}_kind_known")),
        sa.CheckConstraint("reason <> ''", name=op.f(f"ck_{table}_says_why")),
        sa.CheckConstraint("people >= 0", name=op.f(f"ck_{table}_people_counted")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f(f"fk_{table}_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("nonce", name=op.f(f"uq_{table}_nonce")),
    )
    op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])


def _write_words() -> None:
    """Write down by which words everybody is found who is a member by now."""
    connection = op.get_bind()
    columns = ("id", "name", "email_key", "phone", "postcode", "region_id", "branch_id")
    member = sa.table("member", sa.column("id", sa.Uuid()), *map(sa.column, columns[1:]))
    wanted = sa.select(member).order_by(member.c.id).limit(AT_ONCE)
    word = sa.table("member_word", sa.column("member_id", sa.Uuid()), *_COLUMNS)
    keyed = sa.table("member", sa.column("id", sa.Uuid()), sa.column("sort_key"))
    change = keyed.update().where(keyed.c.id == sa.bindparam("known_as"))
    rows = connection.execute(wanted).all()
    while rows:
        connection.execute(
            change.values(sort_key=sa.bindparam("sorted_by")),
            [{"known_as": row.id, "sorted_by": spelling.sort_key(row.name)} for row in rows],
        )
        connection.execute(word.insert(), [each for row in rows for each in _of(row)])
        rows = connection.execute(wanted.where(member.c.id > rows[-1].id)).all()


_COLUMNS = tuple(sa.column(name) for name in ("word", "region_id", "branch_id"))


def _of(row: sa.Row[tuple[uuid.UUID, str, str, str, str, int, int]]) -> Iterator[dict[str, object]]:
    said = [f"n {each}" for each in spelling.turned(row.name)]
    said.append(f"e {row.email_key}")
    said += [f"t {row.phone}"] * bool(row.phone)
    said += [f"p {row.postcode.replace(' ', '').lower()}"] * bool(row.postcode)
    for each in said:
        yield {
            "member_id": row.id,
            "word": each,
            "region_id": row.region_id,
            "branch_id": row.branch_id,
        }


def downgrade() -> None:
    for table in ("people_export", "member_transfer", "member_note", "member_word"):
        op.drop_table(table)
    with op.batch_alter_table("member", schema=None) as batch_op:
        for name in ("joined_at", "region_id_state", "created_at_id", "sort_key_id"):
            batch_op.drop_index(batch_op.f(f"ix_member_{name}"))
        batch_op.drop_column("sort_key")
