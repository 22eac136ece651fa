"""Contact data and people's words are sealed at rest, with digests to look them up by"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op
from sqlalchemy import bindparam

import storage.models.base
from storage.sealing import Vault, vault_of

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHUNK = 1000


class _Table(NamedTuple):
    """What becomes of a table: columns to be sealed, and digests (of which column, among what)."""

    name: str
    ids: tuple[str, ...]
    sealed: tuple[str, ...]
    digest: tuple[str, str, str] | None = None


_TABLES = [
    _Table("accounts", ("id",), ("external_id",), ("external_key", "external_id", "account")),
    _Table("chats", ("id",), ("external_id",), ("external_key", "external_id", "chat")),
    _Table("web_sessions", ("token_hash",), ("account",), ("account_key", "account", "chat")),
    _Table("updates", ("id",), ("chat", "body"), ("lane", "lane", "chat")),
    _Table("platform_state", ("platform", "key"), ("value",)),
    _Table("dialogues", ("id",), ("stack",)),
    _Table("prompts", ("token",), ("options",)),
    _Table("outbox", ("id",), ("payload",)),
    _Table("web_messages", ("id",), ("content",), ("chat", "chat", "chat")),
]
# What was JSON becomes text.
_WORDS = [("dialogues", "stack"), ("prompts", "options"), ("outbox", "payload"), ("web_messages", "content")]


def upgrade() -> None:
    op.create_table(
        "vault_keys",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("audit_key", sa.Text(), nullable=False),
        sa.Column("since", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.base.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_keys")),
    )
    for table, old in (("accounts", "external_id"), ("chats", "external_id"), ("web_sessions", "account")):
        with op.batch_alter_table(table) as batch_op:
            key = "account_key" if table == "web_sessions" else "external_key"
            batch_op.add_column(sa.Column(key, sa.String(length=43), nullable=True))
            batch_op.alter_column(old, existing_type=sa.String(length=255), type_=sa.Text(), existing_nullable=False)
    with op.batch_alter_table("updates") as batch_op:
        batch_op.add_column(sa.Column("chat", sa.Text(), nullable=True))
    for table, column in _WORDS:
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(
                column,
                existing_type=sa.JSON(),
                type_=sa.Text(),
                existing_nullable=False,
                postgresql_using=f"{column}::text",
            )
    _seal(vault_of(op.get_bind().dialect))
    for table in ("accounts", "chats"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("external_key", existing_type=sa.String(length=43), nullable=False)
            batch_op.drop_constraint(f"uq_{table}_platform_external_id", type_="unique")
            batch_op.create_unique_constraint(f"uq_{table}_platform_external_key", ["platform", "external_key"])
    with op.batch_alter_table("web_sessions") as batch_op:
        batch_op.alter_column("account_key", existing_type=sa.String(length=43), nullable=False)
        batch_op.drop_index("ix_web_sessions_account")
        batch_op.create_index("ix_web_sessions_account_key", ["account_key"], unique=False)
    with op.batch_alter_table("updates") as batch_op:
        batch_op.alter_column("chat", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("lane", existing_type=sa.String(length=255), type_=sa.String(length=43))
    with op.batch_alter_table("web_messages") as batch_op:
        batch_op.alter_column("chat", existing_type=sa.String(length=255), type_=sa.String(length=43))


def downgrade() -> None:
    for table, column in (("updates", "lane"), ("web_messages", "chat")):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, existing_type=sa.String(length=43), type_=sa.String(length=255))
    _open(vault_of(op.get_bind().dialect))
    for table, column in _WORDS:
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(
                column,
                existing_type=sa.Text(),
                type_=sa.JSON(),
                existing_nullable=False,
                postgresql_using=f"{column}::json",
            )
    with op.batch_alter_table("updates") as batch_op:
        batch_op.drop_column("chat")
    with op.batch_alter_table("web_sessions") as batch_op:
        batch_op.drop_index("ix_web_sessions_account_key")
        batch_op.drop_column("account_key")
        batch_op.alter_column("account", existing_type=sa.Text(), type_=sa.String(length=255), existing_nullable=False)
        batch_op.create_index("ix_web_sessions_account", ["account"], unique=False)
    for table in ("accounts", "chats"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(f"uq_{table}_platform_external_key", type_="unique")
            batch_op.drop_column("external_key")
            batch_op.alter_column(
                "external_id", existing_type=sa.Text(), type_=sa.String(length=255), existing_nullable=False
            )
            batch_op.create_unique_constraint(f"uq_{table}_platform_external_id", ["platform", "external_id"])
    op.drop_table("vault_keys")


def _seal(vault: Vault) -> None:
    keys = sa.table("vault_keys", *(sa.column(name) for name in ("id", "audit_key", "since")))
    audit_key = vault.seal(vault.audit_key.hex(), "vault_keys.audit_key")
    now = sa.literal(datetime.now(UTC), storage.models.base.Moment())
    op.execute(keys.insert().values(id=vault.id, audit_key=audit_key, since=now))
    # An update that is done has no body; its chat is needed no more either.
    op.execute("UPDATE updates SET chat = CASE WHEN body = '' THEN '' ELSE lane END")
    for table in _TABLES:
        _change(table, partial(_sealed, vault, table))


def _sealed(vault: Vault, table: _Table, row: sa.RowMapping) -> dict[str, Any]:
    new = {c: row[c] and vault.seal(row[c], f"{table.name}.{c}") for c in table.sealed}
    if table.digest is not None:
        column, of, place = table.digest
        new[column] = str(vault.digest(row[of], place))
    return new


def _open(vault: Vault) -> None:
    _name_web_chats(vault)
    for table in _TABLES:
        _change(table._replace(digest=None), partial(_opened, vault, table))
    op.execute("UPDATE updates SET lane = chat WHERE chat <> ''")


def _opened(vault: Vault, table: _Table, row: sa.RowMapping) -> dict[str, Any]:
    return {c: row[c] and vault.open(row[c], f"{table.name}.{c}") for c in table.sealed}


def _name_web_chats(vault: Vault) -> None:
    """Put the chats back whose digest alone stands at the lines of the web chat."""
    chats = dict(_web_chats(vault))
    lines = sa.table("web_messages", sa.column("chat"))
    found = op.get_bind().execute(sa.select(lines.c.chat).distinct()).scalars().all()
    for digest in found:
        # A line whose chat nobody can name any more is one that nobody can read again.
        where = lines.c.chat == digest
        op.execute(
            lines.update().where(where).values(chat=chats[digest]) if digest in chats else lines.delete().where(where)
        )


def _web_chats(vault: Vault) -> Iterator[tuple[str, str]]:
    """The chats of the web by their digest."""
    bind = op.get_bind()
    for (sealed,) in bind.execute(sa.text("SELECT external_id FROM chats WHERE platform = 'web'")):
        plain = vault.open(sealed, "chats.external_id")
        yield vault.digest(plain, "chat"), plain
    for (sealed,) in bind.execute(sa.text("SELECT account FROM web_sessions")):
        plain = vault.open(sealed, "web_sessions.account")
        yield vault.digest(plain, "chat"), plain


def _change(of: _Table, new: Callable[[sa.RowMapping], dict[str, Any]]) -> None:
    """Give every row of a table new values, a chunk at a time, in the order of its primary key."""
    bind = op.get_bind()
    columns = dict.fromkeys((*of.ids, *of.sealed, *(of.digest or ())[:2]))
    table = sa.table(of.name, *map(sa.column, columns))
    key = sa.tuple_(*(table.c[i] for i in of.ids))
    found = sa.select(table).order_by(*(table.c[i] for i in of.ids)).limit(_CHUNK)
    where = [table.c[i] == bindparam(f"old_{i}") for i in of.ids]
    last: tuple[Any, ...] | None = None
    while rows := bind.execute(found if last is None else found.where(key > last)).mappings().all():
        last = tuple(rows[-1][i] for i in of.ids)
        changed = [(row, new(row)) for row in rows]
        values: dict[str, Any] = {name: bindparam(name) for name in changed[0][1]}
        bind.execute(
            table.update().where(*where).values(values),
            [{**new_ones, **{f"old_{i}": row[i] for i in of.ids}} for row, new_ones in changed],
        )
