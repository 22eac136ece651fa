"""A migrated database for each test that asks for one, as the tests of the storage have it."""

from tests.storage.conftest import database

__all__ = ["database"]
