"""Announcements, whom they reach, what readers answer and leave"""

import sqlalchemy as sa
from alembic import op

import storage.sealing
from storage.models.base import Moment

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_IS_MOVING = sa.text("state IN ('scheduled', 'running', 'paused')")
_AUTHORS = ("author_id", "editor_id", "approved_by", "card_for")


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(length=32), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("file", storage.sealing.SealedJson("announcements.file"), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("joins", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=True),
        sa.Column("morning", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("template", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("edited_at", Moment(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("doing", sa.String(length=32), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("card", sa.String(length=255), nullable=True),
        sa.Column("card_for", sa.Integer(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("started_at", Moment(timezone=True), nullable=True),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        *(_by(name, "announcements", "SET NULL") for name in _AUTHORS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sqlite_autoincrement=True,
    )
    for name in _AUTHORS:
        op.create_index(op.f(f"ix_announcements_{name}"), "announcements", [name])
    op.create_index(
        "ix_announcements_moving", "announcements", ["state"], sqlite_where=_IS_MOVING, postgresql_where=_IS_MOVING
    )

    op.create_table(
        "announcement_texts",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _of("announcement_texts"),
        sa.PrimaryKeyConstraint("announcement_id", "language", name=op.f("pk_announcement_texts")),
    )
    op.create_table(
        "announcement_bulks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("bulk_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        _of("announcement_bulks"),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["bulks.id"], name=op.f("fk_announcement_bulks_bulk_id_bulks"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_bulks")),
        sa.UniqueConstraint(
            "announcement_id",
            "step",
            "platform",
            "language",
            name=op.f("uq_announcement_bulks_announcement_id_step_platform_language"),
        ),
        sa.UniqueConstraint("bulk_id", name=op.f("uq_announcement_bulks_bulk_id")),
        sa.UniqueConstraint("token", name=op.f("uq_announcement_bulks_token")),
    )
    op.create_table(
        "announcement_deeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("deed", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        _of("announcement_deeds"),
        _by("person_id", "announcement_deeds", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_deeds")),
    )
    op.create_index(op.f("ix_announcement_deeds_announcement_id"), "announcement_deeds", ["announcement_id"])
    op.create_index(op.f("ix_announcement_deeds_person_id"), "announcement_deeds", ["person_id"])
    op.create_table(
        "announcement_answers",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        _of("announcement_answers"),
        _by("person_id", "announcement_answers", "CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id", "person_id", name=op.f("pk_announcement_answers")),
    )
    op.create_index(op.f("ix_announcement_answers_person_id"), "announcement_answers", ["person_id"])
    op.create_table(
        "left_categories",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("left_at", Moment(timezone=True), nullable=False),
        _by("person_id", "left_categories", "CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "category", name=op.f("pk_left_categories")),
    )
    op.create_table(
        "saved_segments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("saved_at", Moment(timezone=True), nullable=False),
        _by("owner_id", "saved_segments", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_segments")),
    )
    op.create_index(op.f("ix_saved_segments_owner_id"), "saved_segments", ["owner_id"])


def _by(column: str, table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_people")
    return sa.ForeignKeyConstraint([column], ["people.id"], name=name, ondelete=ondelete)


def _of(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_announcement_id_announcements")
    return sa.ForeignKeyConstraint(["announcement_id"], ["announcements.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("saved_segments")
    op.drop_table("left_categories")
    op.drop_table("announcement_answers")
    op.drop_table("announcement_deeds")
    op.drop_table("announcement_bulks")
    op.drop_table("announcement_texts")
    op.drop_table("announcements")
