"""The clock of requests, quiet partnerships, and groups of schools"""

import sqlalchemy as sa
from alembic import op

import storage.models.base
import storage.sealing

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_GATHERS = sa.text("state = 'gathering'")


def _moment() -> storage.models.base.Moment:
    return storage.models.base.Moment(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("nudged_at", _moment(), nullable=True))
        batch_op.add_column(sa.Column("offered_at", _moment(), nullable=True))
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quiet_until", _moment(), nullable=True))

    op.create_table(
        "school_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("founder_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("idea", storage.sealing.Sealed("school_groups.idea"), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("founded_at", _moment(), nullable=False),
        sa.Column("opened_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["founder_id"], ["people.id"], name=op.f("fk_school_groups_founder_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_groups")),
    )
    with op.batch_alter_table("school_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_groups_founder_id"), ["founder_id"], unique=False)
        batch_op.create_index(
            "ix_school_groups_gathering_since",
            ["founded_at"],
            unique=False,
            sqlite_where=_GATHERS,
            postgresql_where=_GATHERS,
        )
        batch_op.create_index(
            "uq_school_groups_gathering", ["founder_id"], unique=True, sqlite_where=_GATHERS, postgresql_where=_GATHERS
        )

    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_at", _moment(), nullable=False),
        sa.Column("replaced_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["school_groups.id"],
            name=op.f("fk_group_members_group_id_school_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_group_members_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_group_members")),
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_members_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("group_members")
    op.drop_table("school_groups")
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.drop_column("quiet_until")
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_column("offered_at")
        batch_op.drop_column("nudged_at")
