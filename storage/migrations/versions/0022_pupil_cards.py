"""Pupils' cards: their codes sealed, so that one can be printed again; and the browsers in which pupils are"""

import sqlalchemy as sa
from alembic import op

import storage.sealing
from storage.models.base import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing made places before this.
    op.execute("DELETE FROM pupils")
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written", sa.Boolean(), nullable=False))
        batch_op.add_column(sa.Column("code", storage.sealing.Sealed("pupils.code"), nullable=False))
        batch_op.alter_column("card", existing_type=sa.String(), type_=sa.String(length=43), existing_nullable=False)
        batch_op.alter_column("pictures", existing_type=sa.String(), type_=sa.Text(), existing_nullable=False)
    op.create_table(
        "pupil_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_pupil_sessions_pupil_id_pupils"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pupil_sessions")),
    )
    op.create_index(op.f("ix_pupil_sessions_pupil_id"), "pupil_sessions", ["pupil_id"])


def downgrade() -> None:
    op.drop_table("pupil_sessions")
    op.execute("DELETE FROM pupils")
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.alter_column("pictures", existing_type=sa.Text(), type_=sa.String(), existing_nullable=False)
        batch_op.alter_column("card", existing_type=sa.String(length=43), type_=sa.String(), existing_nullable=False)
        batch_op.drop_column("code")
        batch_op.drop_column("written")
