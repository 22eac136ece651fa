"""The week of a teacher's school: on which days and between which hours there are lessons"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rhythms", sa.Column("week", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("rhythms", "week")
