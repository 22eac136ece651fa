"""What every test of the conversation leaves behind."""

from collections.abc import Iterator

import pytest

from tests.talk import demolish


@pytest.fixture(autouse=True)
def no_house_left() -> Iterator[None]:
    """Databases in memory are closed; Python 3.13 warns of one that is not."""
    yield
    demolish()
