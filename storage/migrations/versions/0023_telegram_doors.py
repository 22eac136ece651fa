"""The link by which one asks to be let in at a door, and at which door a sign was put on a message"""

import sqlalchemy as sa
from alembic import op

import storage.sealing

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("room_doors", schema=None) as batch_op:
        batch_op.add_column(sa.Column("link", storage.sealing.Sealed("room_doors.link"), nullable=True))
    with op.batch_alter_table("room_reactions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("door_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_room_reactions_door_id_room_doors"), "room_doors", ["door_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_room_reactions_door_id"), ["door_id"])


def downgrade() -> None:
    with op.batch_alter_table("room_reactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_reactions_door_id"))
        batch_op.drop_constraint(batch_op.f("fk_room_reactions_door_id_room_doors"), type_="foreignkey")
        batch_op.drop_column("door_id")
    with op.batch_alter_table("room_doors", schema=None) as batch_op:
        batch_op.drop_column("link")
