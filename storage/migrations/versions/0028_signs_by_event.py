"""What a platform calls a sign, so that it is known which one was taken off"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("room_reactions", schema=None) as batch:
        batch.add_column(sa.Column("ref", sa.String(length=255), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("room_reactions", schema=None) as batch:
        batch.drop_column("ref")
