"""Alembic's way in: migrate the engine that `storage.migrations.config` was given, all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

from storage.models import Base

engine = context.config.attributes["engine"]


@contextmanager
def whole(connection: Connection) -> Iterator[None]:
    """One transaction. SQLite changes a table by making it anew: with its foreign keys on, dropping the old one
    would delete every row that refers to it."""
    embedded = connection.dialect.name == "sqlite"
    if embedded:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    try:
        with connection.begin():
            if embedded:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield
            if embedded and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise RuntimeError(f"the migration breaks {len(broken)} references")
        if embedded:
            # What the tables held before must not stay readable in the log beside the file.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        if embedded:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


with engine.connect() as connection, whole(connection):
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    context.run_migrations()
