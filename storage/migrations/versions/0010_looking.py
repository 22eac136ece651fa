"""Whether teachers still look for partners: when they said so, when they were asked, and who fell silent"""

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("teachers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("silent", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("asked_at", storage.models.base.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", storage.models.base.Moment(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_teachers_asked_at",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("asked_at IS NOT NULL"),
            postgresql_where=sa.text("asked_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("teachers", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_teachers_asked_at",
            sqlite_where=sa.text("asked_at IS NOT NULL"),
            postgresql_where=sa.text("asked_at IS NOT NULL"),
        )
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("asked_at")
        batch_op.drop_column("silent")
