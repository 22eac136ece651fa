"""Verification: cases, what was said about them, proofs, codes by mail; the mail domains and address of schools"""

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NATIONAL = sa.text("state = 'waiting' AND national")
_WAITING = sa.text("state = 'waiting'")
_HELD = sa.text("state = 'held'")
_OPEN = sa.text("state != 'closed'")
_CLOSED = sa.text("state = 'closed'")
_ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("national", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("waiting_since", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("due_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("escalated_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("looked_by", sa.Integer(), nullable=True),
        sa.Column("looked_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("carry_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("closed_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_cases_decided_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["looked_by"], ["people.id"], name=op.f("fk_cases_looked_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_cases_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_central",
        "cases",
        ["national", "waiting_since", "id"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["country", "closed_at"],
        unique=False,
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )
    op.create_index(op.f("ix_cases_decided_by"), "cases", ["decided_by"], unique=False)
    op.create_index(
        "ix_cases_due", "cases", ["due_at"], unique=False, sqlite_where=_NATIONAL, postgresql_where=_NATIONAL
    )
    op.create_index("ix_cases_held", "cases", ["carry_at"], unique=False, sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_index(op.f("ix_cases_looked_by"), "cases", ["looked_by"], unique=False)
    op.create_index("ix_cases_open", "cases", ["person_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index(op.f("ix_cases_person_id"), "cases", ["person_id"], unique=False)
    op.create_index(
        "ix_cases_queue",
        "cases",
        ["country", "waiting_since", "id"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_table(
        "queue_lines",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_queue_lines_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_queue_lines")),
    )
    op.create_table(
        "case_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("support", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_case_words_author_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_words_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_words")),
    )
    op.create_index(op.f("ix_case_words_author_id"), "case_words", ["author_id"], unique=False)
    op.create_index(op.f("ix_case_words_case_id"), "case_words", ["case_id"], unique=False)
    op.create_table(
        "mail_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=43), nullable=False),
        sa.Column("address", sa.String(length=43), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("sent_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mail_codes_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_mail_codes_school_id_schools"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_codes")),
    )
    op.create_index("ix_mail_codes_address_sent_at", "mail_codes", ["address", "sent_at"], unique=False)
    op.create_index("ix_mail_codes_domain_sent_at", "mail_codes", ["domain", "sent_at"], unique=False)
    op.create_index(op.f("ix_mail_codes_person_id"), "mail_codes", ["person_id"], unique=False)
    op.create_index(op.f("ix_mail_codes_school_id"), "mail_codes", ["school_id"], unique=False)
    op.create_table(
        "proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=255), nullable=True),
        sa.Column("asked_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("answered_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_proofs_by_id_people"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_proofs_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_proofs_school_id_schools"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
    )
    op.create_index("ix_proofs_asked", "proofs", ["until"], unique=False, sqlite_where=_ASKED, postgresql_where=_ASKED)
    op.create_index(op.f("ix_proofs_by_id"), "proofs", ["by_id"], unique=False)
    op.create_index(op.f("ix_proofs_person_id"), "proofs", ["person_id"], unique=False)
    op.create_index(op.f("ix_proofs_school_id"), "proofs", ["school_id"], unique=False)
    op.add_column("schools", sa.Column("domains", sa.Text(), nullable=True))
    op.add_column("schools", sa.Column("email", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("schools", "email")
    op.drop_column("schools", "domains")
    for table in ("proofs", "mail_codes", "case_words", "queue_lines", "cases"):
        op.drop_table(table)
