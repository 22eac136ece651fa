"""Spaces of projects, and who is in their chats"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _to(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "project_spaces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lacks", sa.JSON(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("opened_at", Moment(timezone=True), nullable=False),
        _to("project_spaces", "project_id", "projects"),
        _to("project_spaces", "chat_id", "chats", "SET NULL"),
        _to("project_spaces", "opened_by", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_spaces")),
        sa.UniqueConstraint("project_id", "platform", name=op.f("uq_project_spaces_project_id_platform")),
        sa.UniqueConstraint("chat_id", name=op.f("uq_project_spaces_chat_id")),
        sa.UniqueConstraint("key", name=op.f("uq_project_spaces_key")),
    )
    op.create_table(
        "guests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("external_key", sa.String(length=43), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        _to("guests", "chat_id", "chats"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guests")),
        sa.UniqueConstraint("chat_id", "external_key", name=op.f("uq_guests_chat_id_external_key")),
    )
    op.create_index(op.f("ix_guests_external_key"), "guests", ["external_key"])
    with op.batch_alter_table("room_doors") as batch:
        batch.add_column(sa.Column("hushed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("room_doors") as batch:
        batch.alter_column("hushed", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("room_doors") as batch:
        batch.drop_column("hushed")
    op.drop_table("guests")
    op.drop_table("project_spaces")
