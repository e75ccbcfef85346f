"""The money desk at millions of gifts: words of names, days of the ledger, and what is held."""

import sqlalchemy as sa
from alembic import op

from core import spelling

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

AT_ONCE = 2_000
WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GROWS = "this table only grows: add the next row instead"
KINDS = "kind IN ('donation', 'monthly', 'dues', 'offline')"
ACCOUNTS = "account IN ('stripe', 'bank', 'cash', 'gifts', 'dues', 'fees', 'disputed', 'other')"
MOVEMENTS = (
    "kind IN ('payment', 'fee', 'refund', 'refund-failed', 'dispute', 'dispute-won', "
    "'dispute-money', 'dispute-fee', 'payout', 'payout-failed', 'line', 'offline')"
)
GRANTED_BEFORE = "(state = 'granted') = (request_id IS NOT NULL)"
GRANTED = "(state = 'granted') = (request_id IS NOT NULL OR refund_id IS NOT NULL)"
CAN_BE_SHOWN = "state = 'paid' AND message != '' AND appeal_id IS NOT NULL"
PAST_STRIPE = "payment_intent IS NULL AND invoice IS NULL"
PARTIAL = (
    ("ix_payment_past_stripe", "payment", ("paid_at", "id"), PAST_STRIPE),
    ("ix_payment_past_stripe_by", "payment", ("method", "paid_at", "id"), PAST_STRIPE),
    ("ix_dispute_running", "dispute", ("answer_by", "id"), "closed_at IS NULL"),
    ("ix_pledge_held", "pledge", ("id",), "held_because IS NOT NULL"),
    (
        "ix_refund_request_refused",
        "refund_request",
        ("id",),
        "due_at IS NULL AND stripe_refund IS NULL",
    ),
    (
        "ix_ledger_transaction_paid_out",
        "ledger_transaction",
        ("moved_at",),
        "kind IN ('payout', 'payout-failed')",
    ),
    (
        "ix_bank_line_decided",
        "bank_line",
        ("id",),
        "state IN ('matched', 'not-a-gift', 'returned')",
    ),
)
WHOLE = (
    ("payment", ("paid_at", "id")),
    ("payment", ("kind", "paid_at", "id")),
    ("payment", ("amount_pence", "paid_at", "id")),
    ("refund", ("made_at", "id")),
    ("dispute", ("opened_at", "id")),
    ("payout", ("arrives_on", "id")),
)
BEFORE = (
    ("payment", ("paid_at",)),
    ("payment", ("amount_pence", "paid_at")),
    ("payout", ("arrives_on",)),
)


def named(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def upgrade() -> None:
    for table, columns in BEFORE:
        op.drop_index(named(table, columns), table)
    _kinds()
    _messages_read()
    _what_payouts_are_made_of()
    _undone_by_two()
    for table, columns in WHOLE:
        op.create_index(named(table, columns), table, list(columns))
    for name, table, columns, which in PARTIAL:
        where = sa.text(which)
        op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
    _days()
    _settlements()
    _words()


def _kinds() -> None:
    op.add_column("payment", sa.Column("kind", sa.String(), nullable=True))
    op.execute("UPDATE payment SET kind = pledge.kind FROM pledge WHERE pledge.id = pledge_id")
    with op.batch_alter_table("payment") as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_payment_kind_known"), KINDS)


def _messages_read() -> None:
    op.drop_index("ix_pledge_with_message", "pledge")
    op.add_column(
        "pledge",
        sa.Column("message_read", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    read = "UPDATE pledge SET message_read = {} WHERE id IN (SELECT pledge_id FROM wall_entry)"
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(read.format("1" if on_sqlite else "true"))
    op.create_index(
        "ix_pledge_message_waits",
        "pledge",
        ["created_at", "id"],
        sqlite_where=sa.text(f"{CAN_BE_SHOWN} AND message_read = 0"),
        postgresql_where=sa.text(f"{CAN_BE_SHOWN} AND NOT message_read"),
    )


def _what_payouts_are_made_of() -> None:
    count = sa.Column("line_count", sa.Integer(), server_default="0", nullable=False)
    op.add_column("payout", count)
    net = sa.Column("lines_net_pence", sa.BigInteger(), server_default="0", nullable=False)
    op.add_column("payout", net)
    op.execute(
        "UPDATE payout SET line_count = made.lines, lines_net_pence = made.net FROM (SELECT "
        "payout_id, count(*) AS lines, sum(net_pence) AS net FROM payout_line GROUP BY payout_id) "
        "AS made WHERE made.payout_id = payout.id"
    )


def _undone_by_two() -> None:
    with op.batch_alter_table("refund_wish") as batch_op:
        batch_op.add_column(sa.Column("refund_id", sa.Uuid(), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_refund_wish_granted_is_asked"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_refund_wish_granted_is_done"), GRANTED)
        batch_op.create_check_constraint(
            batch_op.f("ck_refund_wish_done_in_one_way"),
            "request_id IS NULL OR refund_id IS NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_refund_wish_refund_id"), "refund", ["refund_id"], ["id"]
        )
        batch_op.create_unique_constraint(batch_op.f("uq_refund_wish_refund_id"), ["refund_id"])


def _days() -> None:
    table = "ledger_day"
    keys = ("account", "day", "kind", "purpose", "appeal_id", "method")
    kinds = {"day": sa.Date(), "appeal_id": sa.Integer()}
    op.create_table(
        table,
        *(
            sa.Column(key, kinds.get(key, sa.String()), autoincrement=False, nullable=False)
            for key in keys
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f(f"ck_{table}_counts_something")),
        sa.CheckConstraint(ACCOUNTS, name=op.f(f"ck_{table}_account_known")),
        sa.CheckConstraint(MOVEMENTS, name=op.f(f"ck_{table}_kind_known")),
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}")),
    )
    table = "ledger_days_kept"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f(f"ck_{table}_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _settlements() -> None:
    table = "held_settlement"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("because", "decision", "why", "who")
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('look-again', 'put-right')", name=op.f(f"ck_{table}_decision_known")
        ),
        sa.CheckConstraint("why <> ''", name=op.f(f"ck_{table}_reason_given")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f(f"fk_{table}_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_pledge_id"), table, ["pledge_id"])
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{GROWS}'); END"
    else:
        refuse = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    for change in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} {refuse}")


def _words() -> None:
    """Write down by which words the payments of everybody are found who has given by now."""
    table = "pledge_word"
    op.create_table(
        table,
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("word", WORDS, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f(f"fk_{table}_pledge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pledge_id", "word", name=op.f(f"pk_{table}")),
    )
    pledge = sa.table(
        "pledge",
        sa.column("id", sa.Uuid()),
        sa.column("name", sa.String()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    word = sa.table(
        table,
        sa.column("pledge_id", sa.Uuid()),
        sa.column("word", sa.String()),
        sa.column("since", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    wanted = sa.select(pledge).order_by(pledge.c.id).limit(AT_ONCE)
    rows = connection.execute(wanted).all()
    while rows:
        found = [
            {"pledge_id": row.id, "word": each, "since": row.created_at}
            for row in rows
            for each in spelling.turned(row.name)
        ]
        if found:
            connection.execute(word.insert(), found)
        rows = connection.execute(wanted.where(pledge.c.id > rows[-1].id)).all()
    columns = ["word", "since", "pledge_id"]
    op.create_index(named(table, tuple(columns)), table, columns)


def downgrade() -> None:
    for table in ("pledge_word", "held_settlement", "ledger_days_kept", "ledger_day"):
        op.drop_table(table)
    for name, table, _columns, _which in PARTIAL:
        op.drop_index(name, table)
    for table, columns in WHOLE:
        op.drop_index(named(table, columns), table)
    with op.batch_alter_table("refund_wish") as batch_op:
        for kind, name in (
            ("unique", "uq_refund_wish_refund_id"),
            ("foreignkey", "fk_refund_wish_refund_id"),
            ("check", "ck_refund_wish_done_in_one_way"),
            ("check", "ck_refund_wish_granted_is_done"),
        ):
            batch_op.drop_constraint(batch_op.f(name), type_=kind)
        batch_op.drop_column("refund_id")
        batch_op.create_check_constraint(
            batch_op.f("ck_refund_wish_granted_is_asked"), GRANTED_BEFORE
        )
    op.drop_index("ix_pledge_message_waits", "pledge")
    shown = sa.text(CAN_BE_SHOWN)
    op.create_index(
        "ix_pledge_with_message",
        "pledge",
        ["created_at", "id"],
        sqlite_where=shown,
        postgresql_where=shown,
    )
    with op.batch_alter_table("payment") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_payment_kind_known"), type_="check")
        batch_op.drop_column("kind")
    op.drop_column("pledge", "message_read")
    for column in ("lines_net_pence", "line_count"):
        op.drop_column("payout", column)
    for table, columns in BEFORE:
        op.create_index(named(table, columns), table, list(columns))
