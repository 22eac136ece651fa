"""A street for each test."""

from collections.abc import Iterator

import pytest

from tests.lines import Street


@pytest.fixture
def street() -> Iterator[Street]:
    made = Street()
    yield made
    made.close()
