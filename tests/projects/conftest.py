"""The migrated databases that the tests of the storage begin from."""

from tests.storage.conftest import migrated_postgres, migrated_sqlite

__all__ = ["migrated_postgres", "migrated_sqlite"]
