"""Announcements with a picture or file, which stands here once, and with words on their link"""

import sqlalchemy as sa
from alembic import op

from storage.sealing import SealedJson

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("mime", sa.String(length=255), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_files")),
    )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("link_label", sa.String(length=32), nullable=False, server_default="more"))
        batch_op.drop_column("file")
        batch_op.create_foreign_key(
            op.f("fk_announcements_file_id_announcement_files"),
            "announcement_files",
            ["file_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_index(op.f("ix_announcements_file_id"), ["file_id"])
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.alter_column("link_label", existing_type=sa.String(length=32), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_announcements_file_id"))
        batch_op.drop_constraint(op.f("fk_announcements_file_id_announcement_files"), type_="foreignkey")
        batch_op.drop_column("link_label")
        batch_op.drop_column("file_id")
        batch_op.add_column(sa.Column("file", SealedJson("announcements.file"), nullable=True))
    op.drop_table("announcement_files")
