"""Erasures under way, and the people who are erased"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


# Erasing deletes the newest rows too, and SQLite would give their numbers to others: keys that are made from a number
# would then come twice, and a homeserver would take a new message for one it has shown.
_COUNTED = ("updates", "outbox", "web_messages")


def _count_on(tables: Sequence[str], *, autoincrement: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in tables:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": autoincrement}):
            pass


def upgrade() -> None:
    op.add_column("people", sa.Column("erased_at", storage.models.base.Moment(timezone=True), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("cursor", sa.String(length=255), nullable=True),
        sa.Column("looking", sa.Boolean(), nullable=False),
        sa.Column("asked_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("due_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_erasures_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_due_at", "erasures", ["due_at"])
    _count_on(_COUNTED, autoincrement=True)


def downgrade() -> None:
    _count_on(_COUNTED, autoincrement=False)
    op.drop_index("ix_erasures_due_at", table_name="erasures")
    op.drop_table("erasures")
    op.drop_column("people", "erased_at")
