"""Private chats that are the class room for older pupils"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pupil_chats",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_pupil_chats_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_pupil_chats_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_pupil_chats_pupil_id_pupils"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_pupil_chats_room_id_rooms"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_pupil_chats")),
        sa.UniqueConstraint("person_id", name=op.f("uq_pupil_chats_person_id")),
        sa.UniqueConstraint("pupil_id", name=op.f("uq_pupil_chats_pupil_id")),
    )
    op.create_index(op.f("ix_pupil_chats_room_id"), "pupil_chats", ["room_id"])


def downgrade() -> None:
    op.drop_table("pupil_chats")
