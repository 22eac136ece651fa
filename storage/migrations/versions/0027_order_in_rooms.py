"""What is done to keep order in rooms, named words, reports from rooms, the place of what was held"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COUNTED = """
UPDATE room_messages SET place = (
    SELECT count(*) FROM room_messages AS before
    WHERE before.room_id = room_messages.room_id AND before.id <= room_messages.id
)
"""
_REPORTED = (("room_id", "rooms"), ("reporter_pupil", "pupils"), ("reported_pupil", "pupils"))


def upgrade() -> None:
    op.create_table(
        "room_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["people.id"], name=op.f("fk_room_acts_actor_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_room_acts_pupil_id_pupils"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_acts_room_id_rooms"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["people.id"], name=op.f("fk_room_acts_subject_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_acts")),
    )
    op.create_index("ix_room_acts_room_id_id", "room_acts", ["room_id", "id"])
    op.create_index("ix_room_acts_actor_id", "room_acts", ["actor_id"])
    op.create_index("ix_room_acts_subject_id", "room_acts", ["subject_id"])

    op.create_table(
        "project_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["people.id"], name=op.f("fk_project_words_added_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_words_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_words")),
    )
    op.create_index("ix_project_words_project_id", "project_words", ["project_id"])
    op.create_index(op.f("ix_project_words_added_by"), "project_words", ["added_by"])

    with op.batch_alter_table("reports", schema=None) as batch_op:
        for column, table in _REPORTED:
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
            name = op.f(f"fk_reports_{column}_{table}")
            batch_op.create_foreign_key(name, table, [column], ["id"], ondelete="SET NULL")

    op.add_column("room_messages", sa.Column("reminded_at", Moment(timezone=True), nullable=True))
    op.add_column("room_messages", sa.Column("place", sa.Integer(), nullable=True))
    op.execute(_COUNTED)
    with op.batch_alter_table("room_messages", schema=None) as batch_op:
        batch_op.alter_column("place", existing_type=sa.INTEGER(), nullable=False)
        batch_op.create_index("ix_room_messages_room_id_place", ["room_id", "place"])


def downgrade() -> None:
    with op.batch_alter_table("room_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_room_messages_room_id_place")
        batch_op.drop_column("place")
        batch_op.drop_column("reminded_at")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        for column, table in _REPORTED:
            batch_op.drop_constraint(op.f(f"fk_reports_{column}_{table}"), type_="foreignkey")
            batch_op.drop_column(column)
    op.drop_table("project_words")
    op.drop_table("room_acts")
