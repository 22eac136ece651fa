"""What many get: its words once, and a row for each chat"""

import sqlalchemy as sa
from alembic import op

import storage.models.base
import storage.sealing

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_WAS_LATER = sa.text("state = 0 AND not_before IS NOT NULL")
_IS_LATER = sa.text("state = 0 AND not_before IS NOT NULL AND bulk_id IS NULL")
_IS_BULK = sa.text("state = 0 AND bulk_id IS NOT NULL")


def _moment() -> storage.models.base.Moment:
    return storage.models.base.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bulks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("payload", storage.sealing.SealedJson("bulks.payload"), nullable=False),
        sa.Column("not_before", _moment(), nullable=True),
        sa.Column("created_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulks")),
    )
    op.drop_index("ix_outbox_later", "outbox")
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("bulk_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_outbox_bulk_id_bulks"), "bulks", ["bulk_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_outbox_later", "outbox", ["not_before"], sqlite_where=_IS_LATER, postgresql_where=_IS_LATER)
    op.create_index("ix_outbox_bulk", "outbox", ["bulk_id", "id"], sqlite_where=_IS_BULK, postgresql_where=_IS_BULK)


def downgrade() -> None:
    op.drop_index("ix_outbox_bulk", "outbox")
    op.drop_index("ix_outbox_later", "outbox")
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(op.f("fk_outbox_bulk_id_bulks"), type_="foreignkey")
        batch_op.drop_column("bulk_id")
    op.create_index("ix_outbox_later", "outbox", ["not_before"], sqlite_where=_WAS_LATER, postgresql_where=_WAS_LATER)
    op.drop_table("bulks")
