"""Whether the words of somebody who is erased stay in rooms"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keeps_words", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.alter_column("keeps_words", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.drop_column("keeps_words")
