"""Databases for reminders, as the tests of storage make them."""

from tests.storage.conftest import database, database_url, migrated_postgres, migrated_sqlite

__all__ = ["database", "database_url", "migrated_postgres", "migrated_sqlite"]
