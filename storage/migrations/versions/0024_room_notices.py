"""What the bot says in rooms; reminders and votes of rooms; the feeds of projects"""

import sqlalchemy as sa
from alembic import op

import storage.sealing
from storage.models.base import Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_IS_STALE = sa.text("changed_at IS NOT NULL")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "room_notices",
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("body", storage.sealing.SealedJson("room_notices.body"), nullable=False),
        sa.Column("options", storage.sealing.SealedJson("room_notices.options"), nullable=False),
        sa.Column("draft", storage.sealing.SealedJson("room_notices.draft"), nullable=True),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("timezone", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reminder_id", sa.BigInteger(), nullable=True),
        sa.Column("poll_id", sa.Integer(), nullable=True),
        sa.Column("drawn_at", Moment(timezone=True), nullable=False),
        sa.Column("changed_at", Moment(timezone=True), nullable=True),
        _by("id", "room_notices", "room_messages", "CASCADE"),
        _by("person_id", "room_notices", "people", "SET NULL"),
        _by("reminder_id", "room_notices", "reminders", "SET NULL"),
        _by("poll_id", "room_notices", "polls", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_notices")),
        sa.UniqueConstraint("token", name=op.f("uq_room_notices_token")),
    )
    for name in ("person_id", "reminder_id", "poll_id"):
        op.create_index(op.f(f"ix_room_notices_{name}"), "room_notices", [name])
    op.create_index("ix_room_notices_kind_drawn_at", "room_notices", ["kind", "drawn_at"])
    op.create_index(
        "ix_room_notices_stale", "room_notices", ["drawn_at"], sqlite_where=_IS_STALE, postgresql_where=_IS_STALE
    )
    op.create_table(
        "project_feeds",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=255), nullable=False),
        sa.Column("feed_secret", storage.sealing.Sealed("project_feeds.feed_secret"), nullable=False),
        _by("project_id", "project_feeds", "projects", "CASCADE"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_feeds")),
        sa.UniqueConstraint("feed", name=op.f("uq_project_feeds_feed")),
    )
    with op.batch_alter_table("reminders") as table:
        table.add_column(sa.Column("room_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_reminders_room_id_rooms"), "rooms", ["room_id"], ["id"], ondelete="CASCADE")
        table.create_index(op.f("ix_reminders_room_id"), ["room_id"])
    with op.batch_alter_table("polls") as table:
        table.add_column(sa.Column("circle", sa.String(length=255), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("polls") as table:
        table.drop_column("circle")
    with op.batch_alter_table("reminders") as table:
        table.drop_index(op.f("ix_reminders_room_id"))
        table.drop_constraint(op.f("fk_reminders_room_id_rooms"), type_="foreignkey")
        table.drop_column("room_id")
    op.drop_table("project_feeds")
    op.drop_table("room_notices")


def _by(column: str, table: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=gone
    )
