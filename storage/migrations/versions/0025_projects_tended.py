"""Until when nobody is asked about a silent project, and when its founders were told of its end"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("projects") as table:
        table.add_column(sa.Column("quiet_until", Moment(timezone=True), nullable=True))
        table.add_column(sa.Column("end_told", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("projects") as table:
        table.drop_column("end_told")
        table.drop_column("quiet_until")
