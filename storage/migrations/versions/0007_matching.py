"""Matching: the rows it reads, what was suggested to whom, wishes for levels and kinds of projects"""

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MASKS = (
    "subjects_0",
    "subjects_1",
    "languages_0",
    "languages_1",
    "ages",
    "wish_countries_0",
    "wish_countries_1",
    "wish_subjects_0",
    "wish_subjects_1",
    "wish_languages_0",
    "wish_languages_1",
    "wish_levels_0",
    "wish_kinds_0",
    "wish_ages",
)
_COUNTS = ("active_day", "joined_day", "shown", "shown_week", "asked", "answered", "requests")


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    # The rows themselves are made by storage.matching.rows.complete, in chunks, at the next start.
    op.create_table(
        "match_rows",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("suggestible", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("school_id", "country", "level")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _MASKS),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.ForeignKeyConstraint(
            ["person_id"], ["teachers.person_id"], name=op.f("fk_match_rows_person_id_teachers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_match_rows")),
    )
    with op.batch_alter_table("match_rows", schema=None) as batch_op:
        batch_op.create_index("ix_match_rows_revision", ["revision"], unique=False)

    op.create_table(
        "suggestions",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("shown_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("marked_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["other_id"], ["teachers.person_id"], name=op.f("fk_suggestions_other_id_teachers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["teachers.person_id"], name=op.f("fk_suggestions_person_id_teachers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_suggestions")),
    )
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestions_other_id"), ["other_id"], unique=False)

    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("levels", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("kinds", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.alter_column("levels", server_default=None)
        batch_op.alter_column("kinds", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.drop_column("kinds")
        batch_op.drop_column("levels")
    op.drop_table("suggestions")
    op.drop_table("match_rows")
    op.drop_table("counters")
