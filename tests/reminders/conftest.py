"""Databases for reminders, as the tests of storage make them."""

from tests.storage.conftest import database

__all__ = ["database"]
