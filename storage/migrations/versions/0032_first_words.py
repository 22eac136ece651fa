"""Whether the first message of each pupil waits where those of others do not"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project_members") as batch:
        batch.add_column(sa.Column("first_waits", sa.Boolean(), nullable=False, server_default=sa.true()))
    # Whoever said that nothing waits has said so about the first message too.
    op.execute(sa.text("UPDATE project_members SET first_waits = :off WHERE holds = :off").bindparams(off=False))
    with op.batch_alter_table("project_members") as batch:
        batch.alter_column("first_waits", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("project_members") as batch:
        batch.drop_column("first_waits")
