"""A migrated database for each test that asks for one, as the tests of the storage have it."""

from tests.storage.conftest import database, database_url, migrated_postgres, migrated_sqlite

__all__ = ["database", "database_url", "migrated_postgres", "migrated_sqlite"]
