"""Reminders and appointments, their alarms, what was told, who comes; quiet hours and digests; school breaks"""

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "school_breaks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_breaks")),
        sa.UniqueConstraint("country", "region", "source_id", name=op.f("uq_school_breaks_country_region_source_id")),
    )
    with op.batch_alter_table("school_breaks", schema=None) as batch_op:
        batch_op.create_index("ix_school_breaks_country_last", ["country", "last"], unique=False)

    op.create_table(
        "zone_rules",
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("zone", name=op.f("pk_zone_rules")),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("start", storage.models.base.WallClock(timezone=False), nullable=False),
        sa.Column("timezone", sa.String(length=255), nullable=False),
        sa.Column("rule", sa.String(length=255), nullable=True),
        sa.Column("leads", sa.JSON(), nullable=False),
        sa.Column("but_holidays", sa.Boolean(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("circle", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("changed_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.id"], name=op.f("fk_reminders_owner_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminders_circle"), ["circle"], unique=False)
        batch_op.create_index("ix_reminders_owner_id_state", ["owner_id", "state"], unique=False)

    op.create_table(
        "rhythms",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_to", sa.Integer(), nullable=False),
        sa.Column("digest_day", sa.Integer(), nullable=True),
        sa.Column("digest_at", sa.Integer(), nullable=True),
        sa.Column("digest_due", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("feed", sa.String(length=255), nullable=True),
        sa.Column("feed_secret", sa.Text(), nullable=True),
        sa.Column("region", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_rhythms_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_rhythms")),
        sa.UniqueConstraint("feed", name=op.f("uq_rhythms_feed")),
    )
    with op.batch_alter_table("rhythms", schema=None) as batch_op:
        batch_op.create_index("ix_rhythms_digest_due", ["digest_due"], unique=False)

    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminder_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("occurrence", storage.models.base.WallClock(timezone=False), nullable=False),
        sa.Column("lead", sa.Integer(), nullable=False),
        sa.Column("snoozed", sa.Boolean(), nullable=False),
        sa.Column("put_off", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_alarms_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_alarms_reminder_id_reminders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.create_index("ix_alarms_due_at_id", ["due_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alarms_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alarms_reminder_id"), ["reminder_id"], unique=False)

    op.create_table(
        "attendees",
        sa.Column("reminder_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=True),
        sa.Column("answered_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_attendees_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_attendees_reminder_id_reminders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reminder_id", "person_id", name=op.f("pk_attendees")),
    )
    with op.batch_alter_table("attendees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendees_person_id"), ["person_id"], unique=False)

    op.create_table(
        "occurrences",
        sa.Column("reminder_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("occurrence", storage.models.base.WallClock(timezone=False), nullable=False),
        sa.Column("lead", sa.Integer(), nullable=False),
        sa.Column("told_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_occurrences_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_occurrences_reminder_id_reminders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reminder_id", "person_id", "occurrence", "lead", name=op.f("pk_occurrences")),
    )
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occurrences_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_occurrences_told_at", ["told_at"], unique=False)
        batch_op.create_index(
            "ix_occurrences_missed",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("missed"),
            postgresql_where=sa.text("missed"),
        )


def downgrade() -> None:
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.drop_index("ix_occurrences_missed")
        batch_op.drop_index("ix_occurrences_told_at")
        batch_op.drop_index(batch_op.f("ix_occurrences_person_id"))

    op.drop_table("occurrences")
    with op.batch_alter_table("attendees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendees_person_id"))

    op.drop_table("attendees")
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alarms_reminder_id"))
        batch_op.drop_index(batch_op.f("ix_alarms_person_id"))
        batch_op.drop_index("ix_alarms_due_at_id")

    op.drop_table("alarms")
    with op.batch_alter_table("rhythms", schema=None) as batch_op:
        batch_op.drop_index("ix_rhythms_digest_due")

    op.drop_table("rhythms")
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_index("ix_reminders_owner_id_state")
        batch_op.drop_index(batch_op.f("ix_reminders_circle"))

    op.drop_table("reminders")
    op.drop_table("zone_rules")
    with op.batch_alter_table("school_breaks", schema=None) as batch_op:
        batch_op.drop_index("ix_school_breaks_country_last")

    op.drop_table("school_breaks")
