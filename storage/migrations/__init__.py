"""Bringing a database to today's tables, from whatever version it is at."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from storage.keys import check
from storage.matching.rows import complete


def config(engine: Engine) -> Config:
    """Alembic's configuration for this engine, without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["engine"] = engine
    return made


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate to a revision; does nothing where the database is there already. Raises `WrongKey`.

    At the newest one, what is derived from other tables is made where it is missing, in transactions of their own.
    """
    check(engine)
    command.upgrade(config(engine), revision)
    if revision == "head":
        complete(engine)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate back to a revision ("base" is the empty database)."""
    command.downgrade(config(engine), revision)


def versions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision the database is at, and the newest there is."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(config(engine)).get_current_head()
