"""Ballots in rooms, and who votes for which answer"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_OPEN = sa.text("closes_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "room_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        _of("message_id", "room_messages"),
        _of("person_id", "people"),
        _of("pupil_id", "pupils"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_votes")),
    )
    for name in ("person", "pupil"):
        there = sa.text(f"{name}_id IS NOT NULL")
        columns = ["message_id", f"{name}_id"]
        op.create_index(
            f"uq_room_votes_{name}", "room_votes", columns, unique=True, sqlite_where=there, postgresql_where=there
        )
        op.create_index(f"ix_room_votes_{name}_id", "room_votes", [f"{name}_id"])
    op.add_column("room_notices", sa.Column("closes_at", Moment(timezone=True), nullable=True))
    op.create_index(
        "ix_room_notices_open", "room_notices", ["closes_at"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_room_notices_open", table_name="room_notices")
    op.drop_column("room_notices", "closes_at")
    op.drop_table("room_votes")


def _of(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_room_votes_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")
