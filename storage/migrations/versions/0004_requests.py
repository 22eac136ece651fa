"""Partner requests, partnerships and blocks"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_IS_OPEN, _IS_ON = sa.text("state = 'open'"), sa.text("ended_at IS NULL")


def _person(table: str, column: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["people.id"], name=op.f(f"fk_{table}_{column}_people"), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sent_at", Moment(timezone=True), nullable=False),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint("asker_id <> asked_id", name=op.f("ck_requests_two_people")),
        _person("requests", "asker_id"),
        _person("requests", "asked_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_asker_id_asked_id", "requests", ["asker_id", "asked_id"])
    op.create_index("ix_requests_asked_id_sent_at", "requests", ["asked_id", "sent_at"])
    op.create_index("ix_requests_asker_id_sent_at", "requests", ["asker_id", "sent_at"])
    op.create_index(
        "uq_requests_open",
        "requests",
        ["asker_id", "asked_id"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_index(
        "ix_requests_open_sent_at", "requests", ["sent_at"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )
    op.create_table(
        "partnerships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_partnerships_in_order")),
        _person("partnerships", "one_id"),
        _person("partnerships", "other_id"),
        _person("partnerships", "ended_by", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnerships")),
    )
    op.create_index("ix_partnerships_one_id", "partnerships", ["one_id"])
    op.create_index("ix_partnerships_other_id", "partnerships", ["other_id"])
    op.create_index(
        "uq_partnerships_open",
        "partnerships",
        ["one_id", "other_id"],
        unique=True,
        sqlite_where=_IS_ON,
        postgresql_where=_IS_ON,
    )
    op.create_table(
        "blocks",
        sa.Column("blocker_id", sa.Integer(), nullable=False),
        sa.Column("blocked_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        _person("blocks", "blocker_id"),
        _person("blocks", "blocked_id"),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name=op.f("pk_blocks")),
    )
    op.create_index("ix_blocks_blocked_id", "blocks", ["blocked_id"])


def downgrade() -> None:
    op.drop_table("blocks")
    op.drop_table("partnerships")
    op.drop_table("requests")
