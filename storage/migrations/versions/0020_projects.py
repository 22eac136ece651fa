"""Projects of schools, places for pupils, and rooms with their doors"""

import sqlalchemy as sa
from alembic import op

from storage.models.base import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BY_PERSON, _BY_PUPIL = sa.text("person_id IS NOT NULL"), sa.text("pupil_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("starter_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("youngest", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.Integer(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("plan", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", Moment(timezone=True), nullable=False),
        sa.Column("opened_at", Moment(timezone=True), nullable=True),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.Column("warned_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["starter_id"], ["people.id"], name=op.f("fk_projects_starter_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_starter_id"), "projects", ["starter_id"])
    op.create_index("ix_projects_state_ends_on", "projects", ["state", "ends_on"])

    op.create_table(
        "project_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["people.id"], name=op.f("fk_project_codes_made_by_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_codes_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_project_codes")),
    )
    op.create_index("ix_project_codes_expires_at", "project_codes", ["expires_at"])
    op.create_index(op.f("ix_project_codes_made_by"), "project_codes", ["made_by"])
    op.create_index(op.f("ix_project_codes_project_id"), "project_codes", ["project_id"])

    op.create_table(
        "project_members",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", Moment(timezone=True), nullable=False),
        sa.Column("joined_at", Moment(timezone=True), nullable=True),
        sa.Column("left_at", Moment(timezone=True), nullable=True),
        sa.Column("pupils_age", sa.Integer(), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["people.id"], name=op.f("fk_project_members_invited_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_project_members_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_members_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_project_members_school_id_schools"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_project_members")),
    )
    op.create_index(
        "ix_project_members_in",
        "project_members",
        ["project_id", "role"],
        sqlite_where=sa.text("state = 'in'"),
        postgresql_where=sa.text("state = 'in'"),
    )
    op.create_index(op.f("ix_project_members_person_id"), "project_members", ["person_id"])
    op.create_index(op.f("ix_project_members_school_id"), "project_members", ["school_id"])

    op.create_table(
        "pupils",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("pictures", sa.String(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=True),
        sa.Column("elsewhere", sa.Boolean(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("taken_at", Moment(timezone=True), nullable=True),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("revoked_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.id"], name=op.f("fk_pupils_owner_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_pupils_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupils")),
        sa.UniqueConstraint("card", name=op.f("uq_pupils_card")),
    )
    op.create_index("ix_pupils_expires_at", "pupils", ["expires_at"])
    op.create_index(op.f("ix_pupils_owner_id"), "pupils", ["owner_id"])
    op.create_index(op.f("ix_pupils_project_id"), "pupils", ["project_id"])

    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.String(length=32), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("slow_seconds", sa.Integer(), nullable=False),
        sa.Column("locked_at", Moment(timezone=True), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_rooms_made_by_people"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_rooms_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("address", name=op.f("uq_rooms_address")),
    )
    op.create_index("ix_rooms_project_id", "rooms", ["project_id"])

    op.create_table(
        "room_doors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=True),
        sa.Column("thread", sa.String(length=255), nullable=True),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lacks", sa.JSON(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("opened_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_room_doors_chat_id_chats"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["people.id"], name=op.f("fk_room_doors_opened_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_room_doors_room_id_rooms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_doors")),
        sa.UniqueConstraint("chat_id", "thread", name=op.f("uq_room_doors_chat_id_thread")),
        sa.UniqueConstraint("key", name=op.f("uq_room_doors_key")),
    )
    op.create_index("ix_room_doors_room_id_platform", "room_doors", ["room_id", "platform"])
    op.create_index(
        "uq_room_doors_whole_chat",
        "room_doors",
        ["chat_id"],
        unique=True,
        sqlite_where=sa.text("thread IS NULL"),
        postgresql_where=sa.text("thread IS NULL"),
    )

    op.create_table(
        "room_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("joined_at", Moment(timezone=True), nullable=False),
        sa.Column("read_change", sa.Integer(), nullable=False),
        sa.Column("spoke_at", Moment(timezone=True), nullable=True),
        sa.Column("muted_until", Moment(timezone=True), nullable=True),
        sa.Column("removed_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_room_members_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_room_members_pupil_id_pupils"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_room_members_room_id_rooms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_members")),
    )
    op.create_index("ix_room_members_person_id", "room_members", ["person_id"])
    op.create_index("ix_room_members_pupil_id", "room_members", ["pupil_id"])
    op.create_index(
        "uq_room_members_person",
        "room_members",
        ["room_id", "person_id"],
        unique=True,
        sqlite_where=_BY_PERSON,
        postgresql_where=_BY_PERSON,
    )
    op.create_index(
        "uq_room_members_pupil",
        "room_members",
        ["room_id", "pupil_id"],
        unique=True,
        sqlite_where=_BY_PUPIL,
        postgresql_where=_BY_PUPIL,
    )

    op.create_table(
        "door_members",
        sa.Column("door_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["door_id"], ["room_doors.id"], name=op.f("fk_door_members_door_id_room_doors"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["room_members.id"], name=op.f("fk_door_members_member_id_room_members"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("door_id", "member_id", name=op.f("pk_door_members")),
    )
    op.create_index(op.f("ix_door_members_member_id"), "door_members", ["member_id"])

    op.create_table(
        "room_messages",
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("poll", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_room_messages_decided_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["door_id"], ["room_doors.id"], name=op.f("fk_room_messages_door_id_room_doors"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["utterances.id"], name=op.f("fk_room_messages_id_utterances"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_room_messages_pupil_id_pupils"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["removed_by"], ["people.id"], name=op.f("fk_room_messages_removed_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_room_messages_room_id_rooms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_messages")),
        sa.UniqueConstraint("room_id", "change", name=op.f("uq_room_messages_room_id_change")),
    )
    op.create_index(
        "ix_room_messages_held",
        "room_messages",
        ["room_id"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index("ix_room_messages_pupil_id", "room_messages", ["pupil_id"])
    op.create_index("ix_room_messages_room_id_id", "room_messages", ["room_id", "id"])

    op.create_table(
        "room_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["room_messages.id"],
            name=op.f("fk_room_files_message_id_room_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_files")),
        sa.UniqueConstraint("key", name=op.f("uq_room_files_key")),
    )
    op.create_index("ix_room_files_message_id", "room_files", ["message_id"])

    op.create_table(
        "room_reactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("sign", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["room_messages.id"],
            name=op.f("fk_room_reactions_message_id_room_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_room_reactions_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_room_reactions_pupil_id_pupils"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_reactions")),
    )
    op.create_index("ix_room_reactions_person_id", "room_reactions", ["person_id"])
    op.create_index("ix_room_reactions_pupil_id", "room_reactions", ["pupil_id"])
    op.create_index(
        "uq_room_reactions_person",
        "room_reactions",
        ["message_id", "person_id", "sign"],
        unique=True,
        sqlite_where=_BY_PERSON,
        postgresql_where=_BY_PERSON,
    )
    op.create_index(
        "uq_room_reactions_pupil",
        "room_reactions",
        ["message_id", "pupil_id", "sign"],
        unique=True,
        sqlite_where=_BY_PUPIL,
        postgresql_where=_BY_PUPIL,
    )

    with op.batch_alter_table("utterances", schema=None) as batch_op:
        batch_op.alter_column("author_id", existing_type=sa.INTEGER(), nullable=True)


def downgrade() -> None:
    # What nobody with an account said has no place in the older tables.
    op.execute("DELETE FROM utterances WHERE author_id IS NULL")
    with op.batch_alter_table("utterances", schema=None) as batch_op:
        batch_op.alter_column("author_id", existing_type=sa.INTEGER(), nullable=False)
    op.drop_table("room_reactions")
    op.drop_table("room_files")
    op.drop_table("room_messages")
    op.drop_table("door_members")
    op.drop_table("room_members")
    op.drop_table("room_doors")
    op.drop_table("rooms")
    op.drop_table("pupils")
    op.drop_table("project_members")
    op.drop_table("project_codes")
    op.drop_table("projects")
