"""Private lines: what is said, its copies, who talks to whom where, reports"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("state = 'open'")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _to(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "utterances",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(length=255), nullable=True),
        sa.Column("answers_id", _BIG, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Text(), nullable=False),
        sa.Column("said_at", Moment(timezone=True), nullable=False),
        sa.Column("edited_at", Moment(timezone=True), nullable=True),
        sa.Column("removed_at", Moment(timezone=True), nullable=True),
        _to("utterances", "partnership_id", "partnerships"),
        _to("utterances", "author_id", "people"),
        _to("utterances", "chat_id", "chats", "SET NULL"),
        _to("utterances", "answers_id", "utterances", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_utterances")),
    )
    op.create_index("ix_utterances_chat_id_ref", "utterances", ["chat_id", "ref"])
    op.create_index("ix_utterances_partnership_id_id", "utterances", ["partnership_id", "id"])
    op.create_index("ix_utterances_author_id_said_at", "utterances", ["author_id", "said_at"])
    op.create_index("ix_utterances_said_at", "utterances", ["said_at"])
    op.create_index(op.f("ix_utterances_answers_id"), "utterances", ["answers_id"])
    op.create_table(
        "copies",
        sa.Column("outbox_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("utterance_id", _BIG, nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        _to("copies", "outbox_id", "outbox"),
        _to("copies", "utterance_id", "utterances"),
        _to("copies", "chat_id", "chats"),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_copies")),
    )
    op.create_index("ix_copies_utterance_id_chat_id", "copies", ["utterance_id", "chat_id"])
    op.create_index(op.f("ix_copies_chat_id"), "copies", ["chat_id"])
    op.create_table(
        "line_chats",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=True),
        sa.Column("last_id", sa.Integer(), nullable=True),
        _to("line_chats", "chat_id", "chats"),
        _to("line_chats", "partnership_id", "partnerships", "SET NULL"),
        _to("line_chats", "last_id", "partnerships", "SET NULL"),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_line_chats")),
    )
    op.create_index(op.f("ix_line_chats_partnership_id"), "line_chats", ["partnership_id"])
    op.create_table(
        "line_sides",
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("read_id", sa.BigInteger(), nullable=False),
        sa.Column("read_at", Moment(timezone=True), nullable=False),
        _to("line_sides", "partnership_id", "partnerships"),
        _to("line_sides", "person_id", "people"),
        sa.PrimaryKeyConstraint("partnership_id", "person_id", name=op.f("pk_line_sides")),
    )
    op.create_table(
        "unsent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("said_at", Moment(timezone=True), nullable=False),
        _to("unsent", "chat_id", "chats"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent")),
    )
    op.create_index(op.f("ix_unsent_chat_id"), "unsent", ["chat_id"])
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=True),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("reported_id", sa.Integer(), nullable=True),
        sa.Column("reporter_country", sa.String(length=32), nullable=False),
        sa.Column("reported_country", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("seen_at", Moment(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        sa.Column("handled_at", Moment(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        _to("reports", "partnership_id", "partnerships", "SET NULL"),
        _to("reports", "reporter_id", "people", "SET NULL"),
        _to("reports", "reported_id", "people", "SET NULL"),
        _to("reports", "handled_by", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_open", "reports", ["made_at"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
    op.create_index("ix_reports_reporter_id_made_at", "reports", ["reporter_id", "made_at"])
    op.create_index("ix_reports_made_at", "reports", ["made_at"])
    op.create_index(op.f("ix_reports_reported_id"), "reports", ["reported_id"])


def downgrade() -> None:
    for table in ("reports", "unsent", "line_sides", "line_chats", "copies", "utterances"):
        op.drop_table(table)
