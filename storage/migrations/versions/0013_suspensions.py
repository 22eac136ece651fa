"""Suspensions and appeals; names of teachers filed, so that support finds them"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

import storage.models.base
from storage.latin import to_latin, words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN, _WAITS = sa.text("ended_at IS NULL"), sa.text("answered_at IS NULL")
_UNTOLD = sa.text("told_at IS NULL AND ended_at IS NULL")
_CHUNK = 1000
_TEACHERS = sa.table(
    "teachers", sa.column("person_id", sa.Integer), sa.column("country", sa.String), sa.column("name", sa.String)
)


def upgrade() -> None:
    moment = storage.models.base.Moment
    op.create_table(
        "suspensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("since", moment(timezone=True), nullable=False),
        sa.Column("told_at", moment(timezone=True), nullable=True),
        sa.Column("ended_at", moment(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_suspensions_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_suspensions_by_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["people.id"], name=op.f("fk_suspensions_ended_by_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspensions")),
    )
    op.create_index("ix_suspensions_person_id", "suspensions", ["person_id"])
    op.create_index(
        "uq_suspensions_open", "suspensions", ["person_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_suspensions_untold", "suspensions", ["since"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
    op.create_index(
        "ix_suspensions_country_since",
        "suspensions",
        ["country", "since"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("suspension_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", moment(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["suspension_id"], ["suspensions.id"], name=op.f("fk_appeals_suspension_id_suspensions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name=op.f("fk_appeals_answered_by_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index("ix_appeals_suspension_id", "appeals", ["suspension_id"])
    op.create_index(
        "uq_appeals_waiting", "appeals", ["suspension_id"], unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS
    )
    stems = op.create_table(
        "teacher_stems",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stem", sa.String(length=12), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["teachers.person_id"],
            name=op.f("fk_teacher_stems_person_id_teachers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "stem", name=op.f("pk_teacher_stems")),
    )
    op.create_index("ix_teacher_stems_stem_country_person_id", "teacher_stems", ["stem", "country", "person_id"])
    for rows in _filed(op.get_bind()):
        op.get_bind().execute(stems.insert(), rows)


def _filed(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    """The names of the teachers there are, as rows, some at a time."""
    columns, last = (_TEACHERS.c.person_id, _TEACHERS.c.country, _TEACHERS.c.name), 0
    query = sa.select(*columns).where(_TEACHERS.c.person_id > sa.bindparam("last")).order_by(_TEACHERS.c.person_id)
    while found := connection.execute(query.limit(_CHUNK), {"last": last}).all():
        last = found[-1].person_id
        rows = [
            {"person_id": person, "stem": stem, "country": country}
            for person, country, name in found
            for stem in {word[:3] for word in (*words(name), *words(to_latin(name, country)))}
        ]
        if rows:
            yield rows


def downgrade() -> None:
    op.drop_table("teacher_stems")
    op.drop_table("appeals")
    op.drop_table("suspensions")
