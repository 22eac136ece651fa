"""Roles: support officers and ambassadors, the status of teachers; where a person was heard last; outbox rows for later"""

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LATER = sa.text("state = 0 AND not_before IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "officers",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=True),
        sa.Column("region", sa.String(length=255), nullable=True),
        sa.Column("named_by", sa.Integer(), nullable=True),
        sa.Column("named_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["named_by"], ["people.id"], name=op.f("fk_officers_named_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_officers_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_officers")),
    )
    op.create_index("ix_officers_role_country", "officers", ["role", "country"])
    status = sa.Column("status", sa.String(length=32), server_default="unverified", nullable=False)
    op.add_column("teachers", status)
    op.add_column("chats", sa.Column("heard_at", storage.models.base.Moment(timezone=True), nullable=True))
    op.create_index("ix_outbox_later", "outbox", ["not_before"], sqlite_where=_LATER, postgresql_where=_LATER)


def downgrade() -> None:
    op.drop_index("ix_outbox_later", table_name="outbox")
    op.drop_column("chats", "heard_at")
    op.drop_column("teachers", "status")
    op.drop_index("ix_officers_role_country", table_name="officers")
    op.drop_table("officers")
