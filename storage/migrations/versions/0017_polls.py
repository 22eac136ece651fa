"""Polls about the time of an appointment, and the votes in them"""

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")


def _moment() -> storage.models.base.Moment:
    return storage.models.base.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("opened_at", _moment(), nullable=False),
        sa.Column("closes_at", _moment(), nullable=False),
        sa.Column("reminder_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_polls_owner_id_people"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_polls_reminder_id_reminders"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.create_index("ix_polls_open", ["closes_at"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN)
        batch_op.create_index(batch_op.f("ix_polls_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_polls_reminder_id"), ["reminder_id"], unique=False)

    op.create_table(
        "votes",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=True),
        sa.Column("voted_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_votes_poll_id_polls"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_votes_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("poll_id", "person_id", name=op.f("pk_votes")),
    )
    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_votes_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("votes")
    op.drop_table("polls")
